import { Alert, Button } from "@mantine/core";
import { IconCircleCheck, IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import { useOutletContext } from "react-router";

import { useProject } from "@/app/project";
import { Command } from "@/ui/Command";
import { Digest } from "@/ui/Digest";
import { Facts } from "@/ui/Facts";
import { bytes, plural } from "@/ui/format";
import { Panel } from "@/ui/Page";

import { type ModelVersionDetail, useVerifyPackage } from "./queries";

/** Every file with its digest, and a check that reads each byte again. */
export function Component() {
  const project = useProject();
  const { version, files } = useOutletContext<ModelVersionDetail>();
  const verify = useVerifyPackage(project, version.model, String(version.version));
  const found = verify.data;
  return (
    <>
      <Panel
        title="Signature"
        aside={
          <Button
            size="xs"
            variant="default"
            leftSection={<IconShieldCheck size={15} />}
            loading={verify.isPending}
            onClick={() => { verify.mutate(); }}
          >
            Verify now
          </Button>
        }
      >
        <Facts
          items={[
            { label: "Package digest", value: <Digest value={version.digest} /> },
            { label: "Signed by key", value: <span className="vl-mono">{version.key_id}</span> },
          ]}
        />
        {found && (
          <Alert
            mt="md"
            color={found.intact ? "teal" : "red"}
            icon={found.intact ? <IconCircleCheck size={18} /> : <IconShieldX size={18} />}
            title={found.intact ? "Intact" : "Not as it was signed"}
          >
            {found.intact
              ? `${plural(found.num_files, "file")}, ${bytes(found.size_bytes)} read again; digests and signature hold.`
              : found.problems.join(" ")}
          </Alert>
        )}
        <Command>{`visionloop models verify ${version.model} ${String(version.version)}`}</Command>
      </Panel>
      <Panel title={`Files (${String(Object.keys(files).length)})`}>
        <Facts
          items={Object.entries(files).map(([path, digest]) => ({
            label: path,
            value: <Digest value={digest} />,
          }))}
        />
      </Panel>
    </>
  );
}
