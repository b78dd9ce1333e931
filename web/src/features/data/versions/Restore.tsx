import { Button, Group, Modal, Progress, Stack } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";

import { ChangeCard } from "./ChangeCard";
import classes from "./ChangesTab.module.css";
import { isOpen, useJob, useRestore, useRestorePreview, type Version } from "./queries";

/** Sets live labels back to a version, after a look at what would change. */
export function Restore({ project, version }: { project: string; version: Version }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Allowed right="manage_data">
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconHistory size={13} />}
          onClick={() => { setOpened(true); }}
        >
          Restore its labels
        </Button>
      </Allowed>
      <Modal opened={opened} onClose={() => { setOpened(false); }} title={`Set live labels back to ${version.reference}`} size={820}>
        <Preview project={project} version={version} onClose={() => { setOpened(false); }} />
      </Modal>
    </>
  );
}

interface PreviewProps {
  project: string;
  version: Version;
  onClose: () => void;
}

function Preview({ project, version, onClose }: PreviewProps) {
  const restore = useRestore(project, version.id);
  const preview = useRestorePreview(project, version.id, restore.data === undefined);
  const job = useJob(restore.data?.job_id).data;
  if (restore.data !== undefined) {
    return (
      <Stack>
        {job === undefined || isOpen(job.state) ? (
          <Progress value={(job?.progress ?? 0) * 100} animated aria-label="Progress" />
        ) : (
          <Outcome state={job.state} message={job.message} outputs={job.outputs} />
        )}
        <Group justify="flex-end">
          <Button onClick={onClose}>Close</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Loaded query={preview}>
      {(data) => (
        <Stack>
          <p className={classes.question}>
            {data.num_changed === 0
              ? "The live labels are those of the version already; there is nothing to restore."
              : `${plural(data.num_changed, "image")} of ${String(data.num_images)} get other labels. The labels of now are frozen first, so that there is a way back.`}
            {data.num_missing > 0 && ` ${plural(data.num_missing, "image")} are no longer in the project and stay away.`}
          </p>
          <ul className={classes.list}>
            {data.items.map((change) => (
              <ChangeCard key={change.image_id} project={project} change={change} />
            ))}
          </ul>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button disabled={data.num_changed === 0} loading={restore.isPending} onClick={() => { restore.mutate(); }}>
              Restore {plural(data.num_changed, "image")}
            </Button>
          </Group>
        </Stack>
      )}
    </Loaded>
  );
}

interface OutcomeProps {
  state: string;
  message: string;
  outputs: Readonly<Record<string, unknown>>;
}

function Outcome({ state, message, outputs }: OutcomeProps) {
  if (state !== "succeeded") return <Notice tone="failing">{message || `The job ${state}.`}</Notice>;
  const undo = Object.values(outputs).find((value) => typeof value === "string" && value.includes(":"));
  return (
    <Notice tone="ok">
      The labels are restored.{typeof undo === "string" && ` The labels before are kept as ${undo}; restore it to undo this.`}
    </Notice>
  );
}
