import { Button, Group, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import { Command } from "@/ui/Command";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Page";
import { Secret } from "@/ui/Secret";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { type Token, useCreateToken, useRevokeToken, useTokens } from "./queries";

const LIFETIMES = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "a year" },
];

/** One's own API tokens; a secret is shown once. */
export function Component() {
  const tokens = useTokens();
  const create = useCreateToken();
  const revoke = useRevokeToken();
  const action: Column<Token> = {
    key: "revoke",
    title: "",
    align: "right",
    cell: (token) => (
      <ConfirmButton
        size="compact-xs"
        variant="subtle"
        color="red"
        question={`Programs that use “${token.name}” are refused from now on.`}
        confirm="Revoke the token"
        onConfirm={() => { revoke.mutate(token.id); }}
      >
        Revoke
      </ConfirmButton>
    ),
  };
  return (
    <>
      <Panel
        flush
        title="My tokens"
        aside={<NewToken busy={create.isPending} onCreate={(name, days) => { create.mutate({ name, days }); }} />}
      >
        <DataTable
          query={tokens}
          rowKey={(token) => token.id}
          columns={[...COLUMNS, action]}
          empty={
            <EmptyState title="No token yet">
              Scripts, the command line and CI sign in with a token. It can do what you can do.
            </EmptyState>
          }
        />
      </Panel>
      <Panel title="How to use one">
        <Command>{`curl -H "Authorization: Bearer $VISIONLOOP_TOKEN" ${window.location.origin}/api/v1/me`}</Command>
      </Panel>
      <Secret title="The new token" value={create.data?.secret ?? null} onClose={() => { create.reset(); }} />
    </>
  );
}

function NewToken({ busy, onCreate }: { busy: boolean; onCreate: (name: string, days: number) => void }) {
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onCreate(name, Number(days));
        setName("");
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          size="xs"
          aria-label="Name of the new token"
          placeholder="What will use it"
          value={name}
          onChange={(event) => { setName(event.currentTarget.value); }}
        />
        <Select
          size="xs"
          w={100}
          aria-label="Valid for"
          allowDeselect={false}
          data={LIFETIMES}
          value={days}
          onChange={(value) => { setDays(value ?? days); }}
        />
        <Button size="xs" type="submit" disabled={name.trim() === ""} loading={busy}>
          Create
        </Button>
      </Group>
    </form>
  );
}

const COLUMNS: Column<Token>[] = [
  { key: "name", title: "Name", cell: (token) => <strong>{token.name}</strong> },
  {
    key: "state",
    title: "State",
    cell: (token) => (
      <StateBadge state={Date.parse(token.expires_at) > Date.now() ? "active" : "expired"} />
    ),
  },
  { key: "created", title: "Created", cell: (token) => <Time iso={token.created_at} /> },
  { key: "expires", title: "Expires", cell: (token) => <Time iso={token.expires_at} /> },
  { key: "used", title: "Last used", cell: (token) => <Time iso={token.last_used_at} /> },
];
