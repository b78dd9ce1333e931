import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { Outlet, useParams } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { headline } from "@/features/runs/figures";
import { Digest } from "@/ui/Digest";
import { Figures } from "@/ui/Facts";
import { bytes, percent } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { TabLinks } from "@/ui/TabLinks";
import { Time } from "@/ui/Time";

import { Aliases } from "./Aliases";
import { PromoteButton } from "./PromoteButton";
import { type ModelVersion, packageUrl, useModelVersion } from "./queries";

export function Component() {
  const project = useProject();
  const { model = "", version: number = "" } = useParams();
  const query = useModelVersion(project, model, number);
  const version = query.data?.version;
  const address = projectPath(project, `/models/${model}/versions/${number}`);
  return (
    <Page
      title={`${model} version ${number}`}
      lead={version && <Lead version={version} />}
      actions={version && <Actions project={project} version={version} />}
    >
      <Loaded query={query}>
        {(detail) => (
          <>
            <Headlines version={detail.version} />
            <TabLinks
              label="Model version"
              tabs={[
                { label: "Evidence", to: address, end: true },
                { label: "Lineage", to: `${address}/lineage` },
                { label: "Model card", to: `${address}/card` },
                { label: "Package", to: `${address}/package` },
              ]}
            />
            <Outlet context={detail} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Lead({ version }: { version: ModelVersion }) {
  return (
    <>
      <Aliases names={version.aliases} /> registered by {version.created_by}{" "}
      <Time iso={version.created_at} />
      {version.notes !== "" && ` · ${version.notes}`}
    </>
  );
}

function Actions({ project, version }: { project: string; version: ModelVersion }) {
  return (
    <>
      <Button
        component="a"
        href={packageUrl(project, version)}
        download
        variant="default"
        leftSection={<IconDownload size={16} />}
      >
        Package
      </Button>
      <PromoteButton project={project} version={version} />
    </>
  );
}

function Headlines({ version }: { version: ModelVersion }) {
  return (
    <Figures
      items={[
        { label: "Accuracy", value: percent(headline(version.metrics, "accuracy")) },
        {
          label: "Export parity",
          value: <StateBadge state={version.parity.passed ? "passed" : "failed"} />,
          note: `largest difference ${version.parity.max_abs_difference.toExponential(1)}`,
        },
        { label: "Signed digest", value: <Digest value={version.digest} />, note: `key ${version.key_id.slice(0, 12)}` },
        {
          label: "Learned from",
          value: version.dataset ? `${version.dataset.name}:${String(version.dataset.version)}` : "–",
        },
        { label: "Package", value: bytes(version.size_bytes), note: `${String(version.num_files)} files` },
      ]}
    />
  );
}
