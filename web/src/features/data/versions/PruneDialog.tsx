import { Button, Group, Modal, NumberInput, Stack } from "@mantine/core";
import { useState } from "react";

import { bytes, plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";

import { usePrune } from "./queries";
import classes from "./VersionsTab.module.css";

interface PruneDialogProps {
  project: string;
  opened: boolean;
  onClose: () => void;
}

/** Deletes old versions that nothing depends on, after showing which. */
export function PruneDialog({ project, opened, onClose }: PruneDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Delete old versions" size="lg">
      <Form project={project} onClose={onClose} />
    </Modal>
  );
}

function Form({ project, onClose }: { project: string; onClose: () => void }) {
  const [keep, setKeep] = useState(5);
  const [days, setDays] = useState(30);
  const prune = usePrune(project);
  const report = prune.data;
  const ask = (dryRun: boolean) => {
    prune.mutate({ keep_newest: keep, older_than_days: days, dry_run: dryRun });
  };
  return (
    <Stack gap="md">
      <p className={classes.lead}>
        What a run, a model, a tag or a kept version depends on stays, whatever is asked for here.
      </p>
      <Group grow align="flex-start">
        <NumberInput label="Keep the newest of every dataset" min={1} value={keep} onChange={(value) => { setKeep(Number(value)); }} />
        <NumberInput label="Keep the younger than" suffix=" days" min={0} value={days} onChange={(value) => { setDays(Number(value)); }} />
      </Group>
      {report && (
        <Notice tone={report.applied ? "ok" : report.deleted.length > 0 ? "attention" : "idle"}>
          {report.deleted.length === 0
            ? `Nothing is to be deleted; ${plural(report.kept.length, "version")} stay.`
            : `${plural(report.deleted.length, "version")} ${report.applied ? "deleted" : "would be deleted"} (${report.deleted
                .map((version) => version.reference)
                .join(", ")}), ${bytes(report.freed_bytes)} freed.`}
        </Notice>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button variant="default" loading={prune.isPending} onClick={() => { ask(true); }}>
          Show what would go
        </Button>
        <Button
          color="red"
          disabled={!report || report.applied || report.deleted.length === 0}
          loading={prune.isPending}
          onClick={() => { ask(false); }}
        >
          Delete
        </Button>
      </Group>
    </Stack>
  );
}
