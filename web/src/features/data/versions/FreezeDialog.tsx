import { Button, Checkbox, Group, Modal, MultiSelect, NumberInput, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { Notice } from "@/ui/Notice";

import { useFreeze, useVersions, type VersionCreate } from "./queries";

interface FreezeDialogProps {
  opened: boolean;
  onClose: () => void;
  /** Conditions to begin with. */
  filters?: readonly string[];
}

/** Asks for name, split and filters, then freezes the labels as they are now. */
export function FreezeDialog({ opened, onClose, filters = [] }: FreezeDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Freeze a dataset version" size="lg">
      <FreezeForm onClose={onClose} filters={filters} />
    </Modal>
  );
}

const GROUPS = [
  { value: "exif-session", label: "Photos taken in one session" },
  { value: "near-duplicate", label: "Near duplicates" },
];

interface Draft {
  name: string;
  notes: string;
  filters: string[];
  train: number;
  val: number;
  acceptedOnly: boolean;
  useSourceSplits: boolean;
  groupBy: string[];
  keepTest: boolean;
}

function FreezeForm({ onClose, filters }: { onClose: () => void; filters: readonly string[] }) {
  const project = useProject();
  const navigate = useNavigate();
  const newest = useVersions(project).data?.items[0];
  const freeze = useFreeze(project);
  const [draft, setDraft] = useState<Draft>({
    name: newest?.name ?? project,
    notes: "",
    filters: [...filters],
    train: 70,
    val: 15,
    acceptedOnly: false,
    useSourceSplits: false,
    groupBy: [],
    keepTest: false,
  });
  const set = <Key extends keyof Draft>(key: Key, value: Draft[Key]) => {
    setDraft((now) => ({ ...now, [key]: value }));
  };
  const test = 100 - draft.train - draft.val;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        freeze.mutate(toRequest(draft), {
          onSuccess: (version) => {
            onClose();
            void navigate(projectPath(project, `/data/versions/${encodeURIComponent(version.id)}`));
          },
        });
      }}
    >
      <Stack gap="md">
        {freeze.isError && (
          <Notice tone="failing">{freeze.error.message}</Notice>
        )}
        <TextInput
          label="Name"
          description="The same name as before continues it: test images stay test images."
          required
          value={draft.name}
          onChange={(event) => { set("name", event.currentTarget.value); }}
        />
        <Group grow align="flex-start">
          <NumberInput label="Train" suffix=" %" min={1} max={98} value={draft.train} onChange={(value) => { set("train", Number(value)); }} />
          <NumberInput label="Validation" suffix=" %" min={1} max={98} value={draft.val} onChange={(value) => { set("val", Number(value)); }} />
          <NumberInput
            label="Test"
            suffix=" %"
            value={test}
            readOnly
            error={test < 0 ? "The parts are more than the whole." : undefined}
          />
        </Group>
        <TagsInput
          label="Filters"
          description="For example label:bolt and not tag:blurry. Enter adds one; all of them must hold."
          value={draft.filters}
          onChange={(value) => { set("filters", value); }}
        />
        <MultiSelect
          label="What a split never parts"
          description="Nothing chosen: the groups that were found at ingest, and pictures that look alike."
          placeholder={draft.groupBy.length === 0 ? "as ingested" : undefined}
          data={GROUPS}
          value={draft.groupBy}
          onChange={(value) => { set("groupBy", value); }}
        />
        {newest !== undefined && (
          <Checkbox
            label="Put nothing new into the test split"
            checked={draft.keepTest}
            onChange={(event) => { set("keepTest", event.currentTarget.checked); }}
          />
        )}
        <Checkbox
          label="Only images whose labels a reviewer accepted"
          checked={draft.acceptedOnly}
          onChange={(event) => { set("acceptedOnly", event.currentTarget.checked); }}
        />
        <Checkbox
          label="Take the splits that the imported set came with"
          checked={draft.useSourceSplits}
          onChange={(event) => { set("useSourceSplits", event.currentTarget.checked); }}
        />
        <Textarea
          label="Notes"
          autosize
          minRows={2}
          value={draft.notes}
          onChange={(event) => { set("notes", event.currentTarget.value); }}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Allowed right="manage_data">
            <Button type="submit" loading={freeze.isPending} disabled={test < 0}>
              Freeze
            </Button>
          </Allowed>
        </Group>
      </Stack>
    </form>
  );
}

function toRequest(draft: Draft): VersionCreate {
  const train = draft.train / 100;
  const val = draft.val / 100;
  return {
    name: draft.name,
    notes: draft.notes,
    filters: draft.filters,
    fractions: { train, val, test: Math.max(Number((1 - train - val).toFixed(4)), 0) },
    accepted_only: draft.acceptedOnly,
    use_source_splits: draft.useSourceSplits,
    group_by: draft.groupBy,
    keep_test: draft.keepTest,
  };
}
