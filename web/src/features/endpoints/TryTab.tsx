import { Alert, Select, Stack } from "@mantine/core";
import { IconAlertCircle, IconPhotoUp } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useOutletContext } from "react-router";

import { useProject } from "@/app/project";
import { useMay } from "@/app/useMay";
import { Command } from "@/ui/Command";
import { Digest } from "@/ui/Digest";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { FileDrop } from "@/ui/FileDrop";
import { percent, sentence } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { Probabilities } from "@/ui/Probabilities";

import { milliseconds } from "./Live";
import { type Endpoint, type Score, useKeys, useScore } from "./queries";
import { curlCommand } from "./split";
import classes from "./TryTab.module.css";

export function Component() {
  const project = useProject();
  const endpoint = useOutletContext<Endpoint>();
  const { may } = useMay("deploy", endpoint.workspace);
  const [photo, setPhoto] = useState<string | null>(null);
  const [deployment, setDeployment] = useState<string | null>(null);
  const keys = useKeys(project, endpoint.name, may).data ?? [];
  const score = useScore(project, endpoint.name);
  useEffect(() => () => { if (photo !== null) URL.revokeObjectURL(photo); }, [photo]);
  const send = (file: File) => {
    setPhoto(URL.createObjectURL(file));
    score.mutate({ file, deployment });
  };
  return (
    <div className={classes.columns}>
      <Panel title="Send a photo">
        <Stack gap="md">
          <Select
            label="Deployment"
            placeholder="as the traffic split decides"
            clearable
            value={deployment}
            onChange={setDeployment}
            data={endpoint.deployments.map((item) => item.name)}
          />
          <FileDrop
            accept="image/jpeg,image/png"
            icon={<IconPhotoUp size={24} stroke={1.5} />}
            title="Drop a JPEG or PNG here, or choose a file"
            onFile={send}
          />
          <div>
            <span className="vl-label">The same from a terminal</span>
            <Command>{curlCommand(endpoint.url, !may || keys.some((key) => key.revoked_at === null))}</Command>
          </div>
        </Stack>
      </Panel>
      <Panel title="Answer">
        {score.isError && (
          <Alert color="red" icon={<IconAlertCircle size={18} />} title="No prediction" role="alert">
            {score.error.message}
          </Alert>
        )}
        {photo === null && (
          <EmptyState title="No photo sent yet">
            The class, the probabilities and what the request cost show up here.
          </EmptyState>
        )}
        {photo !== null && !score.isError && <img className={classes.photo} src={photo} alt="The photo that was sent" />}
        {score.isPending && <p className="vl-dim">Scoring…</p>}
        {score.data && <Answer score={score.data} />}
      </Panel>
    </div>
  );
}

function Answer({ score }: { score: Score }) {
  const { model, timings } = score;
  return (
    <div aria-live="polite">
      <p className={classes.label}>
        {score.label} <span className="vl-dim">{percent(score.score)}</span>
      </p>
      <Probabilities
        top={10}
        digits={1}
        items={Object.entries(score.probabilities).map(([label, value]) => ({ label, value }))}
      />
      <div className={classes.facts}>
        <Facts
          items={[
            { label: "Answered by", value: `${score.deployment}, ${model.name} version ${model.version ?? "unregistered"}` },
            { label: "Package", value: <Digest value={model.digest} /> },
            ...Object.entries(timings).map(([name, value]) => ({
              label: sentence(name.replace(/_ms$/, "")),
              value: milliseconds(value),
            })),
            { label: "Request", value: <span className="vl-mono">{score.request_id}</span> },
          ]}
        />
      </div>
    </div>
  );
}
