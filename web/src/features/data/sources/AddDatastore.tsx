import { Button, Checkbox, Group, Modal, SegmentedControl, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useState } from "react";

import { useMay } from "@/app/useMay";
import { sentence } from "@/ui/format";
import { Notice } from "@/ui/Notice";

import { CheckResult } from "./CheckResult";
import { fieldLabel, kindOf, KINDS, suggestName } from "./kinds";
import { type AuthMethod, useAddDatastore, useMethods, useTestDatastore } from "./queries";
import { filled, OptionFields, SecretFields, type Values } from "./SecretFields";

interface AddDatastoreProps {
  project: string;
  opened: boolean;
  onClose: () => void;
}

/** Registers a store and tests it at once. */
export function AddDatastore({ project, opened, onClose }: AddDatastoreProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a datastore" size={620}>
      <Form project={project} onClose={onClose} />
    </Modal>
  );
}

interface Draft {
  kind: string;
  name: string;
  url: string;
  auth: string;
  options: Values;
  credentials: Values;
  allowPrivate: boolean;
}

const EMPTY: Draft = { kind: "folder", name: "", url: "", auth: "", options: {}, credentials: {}, allowPrivate: false };

function Form({ project, onClose }: { project: string; onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY);
  const methods = (useMethods(project).data?.items ?? []).filter((method) => method.kind === draft.kind);
  const method = methods.find(({ auth }) => auth === draft.auth) ?? methods[0];
  const add = useAddDatastore(project);
  const test = useTestDatastore(project);
  const isAdmin = useMay("install").may;
  const set = (change: Partial<Draft>) => { setDraft((now) => ({ ...now, ...change })); };
  const name = draft.name || suggestName(draft.url);
  if (test.data !== undefined) {
    return (
      <Stack gap="md">
        <CheckResult check={test.data} />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(toRequest(draft, name, method), { onSuccess: (made) => { test.mutate(made.name); } });
      }}
    >
      <Stack gap="md">
        {add.isError && <Notice tone="failing">{add.error.message}</Notice>}
        <SegmentedControl
          aria-label="Kind of store"
          value={draft.kind}
          onChange={(kind) => { set({ kind, auth: "", options: {}, credentials: {} }); }}
          data={KINDS.map(({ value, label }) => ({ value, label }))}
        />
        <TextInput
          label="Address"
          description={kindOf(draft.kind).hint}
          placeholder={kindOf(draft.kind).placeholder}
          required
          value={draft.url}
          onChange={(event) => { set({ url: event.currentTarget.value }); }}
        />
        <TextInput
          label="Name"
          description="Short, for lists and commands."
          placeholder={suggestName(draft.url) || "line-1"}
          value={draft.name}
          onChange={(event) => { set({ name: event.currentTarget.value }); }}
        />
        {methods.length > 1 && <MethodSelect methods={methods} method={method} onChange={(auth) => { set({ auth, options: {}, credentials: {} }); }} />}
        {method && (
          <>
            <SecretFields
              names={method.secrets}
              optional={method.optional_secrets}
              values={draft.credentials}
              onChange={(credentials) => { set({ credentials }); }}
            />
            <SimpleGrid cols={2} spacing="sm">
              <OptionFields
                names={method.options}
                values={draft.options}
                onChange={(options) => { set({ options }); }}
              />
            </SimpleGrid>
          </>
        )}
        {isAdmin && draft.kind !== "folder" && (
          <Checkbox
            label="Allow addresses inside the server's own network"
            checked={draft.allowPrivate}
            onChange={(event) => { set({ allowPrivate: event.currentTarget.checked }); }}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending || test.isPending}>
            Add and test
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface MethodSelectProps {
  methods: readonly AuthMethod[];
  method: AuthMethod | undefined;
  onChange: (auth: string) => void;
}

function MethodSelect({ methods, method, onChange }: MethodSelectProps) {
  return (
    <Select
      label="Sign in"
      description={method && sentence(method.summary)}
      allowDeselect={false}
      value={method?.auth ?? null}
      onChange={(auth) => { onChange(auth ?? ""); }}
      data={methods.map(({ auth }) => ({ value: auth, label: fieldLabel(auth) }))}
    />
  );
}

function toRequest(draft: Draft, name: string, method: AuthMethod | undefined) {
  return {
    name,
    url: draft.url.trim(),
    auth: method?.auth ?? "",
    options: filled(draft.options),
    credentials: filled(draft.credentials),
    allow_private: draft.allowPrivate,
  };
}
