import { Button, Checkbox, Group, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconFolderDown } from "@tabler/icons-react";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { Notice } from "@/ui/Notice";

import { type IngestCreate, useDatastores, useIngest } from "./queries";

const FORMATS = [
  { value: "auto", label: "Find out" },
  { value: "images", label: "Images without labels" },
  { value: "class_folders", label: "Class folders" },
  { value: "voc", label: "Pascal VOC" },
  { value: "coco", label: "COCO" },
] as const;

const GROUPS = [
  { value: "none", label: "Every image on its own" },
  { value: "exif-session", label: "Photos taken in one session" },
  { value: "near-duplicate", label: "Near duplicates" },
];

const EMPTY: IngestCreate = {
  folder: "",
  path: "",
  format: "auto",
  managed: false,
  group_by: "near-duplicate",
  add_classes: false,
};

/** Starts the job that reads a folder or datastore. */
export function IngestForm({ project, datastore }: { project: string; datastore: string | null }) {
  const [draft, setDraft] = useState<IngestCreate>({ ...EMPTY, datastore });
  const [from, setFrom] = useState<"folder" | "datastore">(datastore === null ? "folder" : "datastore");
  const datastores = useDatastores(project).data?.items ?? [];
  const ingest = useIngest(project);
  const set = (change: Partial<IngestCreate>) => { setDraft((now) => ({ ...now, ...change })); };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const source = from === "folder" ? { datastore: null, path: "" } : { folder: null };
        ingest.mutate(
          { ...draft, ...source },
          {
            onSuccess: () => notifications.show({ title: "Ingest started", message: "Follow it under recent ingests." }),
          },
        );
      }}
    >
      <Stack gap="md">
        {ingest.isError && (
          <Notice tone="failing">{ingest.error.message}</Notice>
        )}
        <SegmentedControl
          aria-label="Read from"
          value={from}
          onChange={(value) => { setFrom(value === "folder" ? "folder" : "datastore"); }}
          data={[
            { value: "folder", label: "Folder on the server" },
            { value: "datastore", label: "Datastore" },
          ]}
        />
        {from === "folder" ? (
          <TextInput
            label="Folder"
            placeholder="/data/photos"
            required
            value={draft.folder ?? ""}
            onChange={(event) => { set({ folder: event.currentTarget.value }); }}
          />
        ) : (
          <Group grow align="flex-start">
            <Select
              label="Datastore"
              required
              data={datastores.map((item) => item.name)}
              value={draft.datastore ?? null}
              onChange={(value) => { set({ datastore: value }); }}
            />
            <TextInput
              label="Below path"
              placeholder="all of it"
              value={draft.path ?? ""}
              onChange={(event) => { set({ path: event.currentTarget.value }); }}
            />
          </Group>
        )}
        <Group grow align="flex-start">
          <Select
            label="Labels"
            allowDeselect={false}
            data={FORMATS}
            value={draft.format ?? "auto"}
            onChange={(value) => { set({ format: value ?? "auto" }); }}
          />
          <Select
            label="Keep together in splits"
            allowDeselect={false}
            data={GROUPS}
            value={draft.group_by ?? "none"}
            onChange={(value) => { set({ group_by: value ?? "none" }); }}
          />
        </Group>
        <Checkbox
          label="Copy the files instead of pointing at them"
          checked={draft.managed ?? false}
          onChange={(event) => { set({ managed: event.currentTarget.checked }); }}
        />
        <Checkbox
          label="Add classes that the label schema does not know"
          checked={draft.add_classes ?? false}
          onChange={(event) => { set({ add_classes: event.currentTarget.checked }); }}
        />
        <Group justify="flex-end">
          <Allowed right="manage_data">
            <Button type="submit" loading={ingest.isPending} leftSection={<IconFolderDown size={16} />}>
              Ingest
            </Button>
          </Allowed>
        </Group>
      </Stack>
    </form>
  );
}
