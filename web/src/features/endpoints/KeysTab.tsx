import { Button, Group, TextInput } from "@mantine/core";
import { useState } from "react";
import { useOutletContext } from "react-router";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";
import { useMay } from "@/app/useMay";
import { Command } from "@/ui/Command";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Page";
import { Secret } from "@/ui/Secret";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { type Endpoint, type EndpointKey, useCreateKey, useKeys, useRevokeKey } from "./queries";
import { curlCommand } from "./split";

export function Component() {
  const project = useProject();
  const endpoint = useOutletContext<Endpoint>();
  const { may, why } = useMay("deploy", endpoint.workspace);
  const keys = useKeys(project, endpoint.name, may);
  const revoke = useRevokeKey(project, endpoint.name);
  const create = useCreateKey(project, endpoint.name);
  const [name, setName] = useState("");
  const action: Column<EndpointKey> = {
    key: "revoke",
    title: "",
    align: "right",
    cell: (key) =>
      key.revoked_at === null && (
        <Allowed right="deploy" workspace={endpoint.workspace}>
          <ConfirmButton
            size="compact-xs"
            variant="subtle"
            color="red"
            question={`Clients that use the key “${key.name}” are refused from now on.`}
            confirm="Revoke the key"
            onConfirm={() => { revoke.mutate(key.id); }}
          >
            Revoke
          </ConfirmButton>
        </Allowed>
      ),
  };
  return (
    <>
      <Panel
        flush
        title="Keys"
        aside={
          <form
            onSubmit={(event) => {
              event.preventDefault();
              create.mutate(name, { onSuccess: () => { setName(""); } });
            }}
          >
            <Group gap="xs" wrap="nowrap">
              <TextInput
                size="xs"
                aria-label="Name of the new key"
                placeholder="Who will use it"
                value={name}
                onChange={(event) => { setName(event.currentTarget.value); }}
              />
              <Allowed right="deploy" workspace={endpoint.workspace}>
                <Button size="xs" type="submit" disabled={name.trim() === ""} loading={create.isPending}>
                  Issue a key
                </Button>
              </Allowed>
            </Group>
          </form>
        }
      >
        {!may && <EmptyState title="The keys are not shown to you">{why}</EmptyState>}
        {may && (
          <DataTable
            query={keys}
            rowKey={(key) => key.id}
            columns={[...COLUMNS, action]}
            empty={
              <EmptyState title="Open to this machine">
                Without a key the endpoint answers everyone who reaches its address. From the first key on,
                every client must present one.
              </EmptyState>
            }
          />
        )}
      </Panel>
      <Panel title="How clients present a key">
        <Command>{curlCommand(endpoint.url, true)}</Command>
      </Panel>
      <Secret
        title="The new key"
        value={create.data?.secret ?? null}
        onClose={() => { create.reset(); }}
      />
    </>
  );
}

const COLUMNS: Column<EndpointKey>[] = [
  { key: "name", title: "Name", cell: (key) => <strong>{key.name}</strong> },
  { key: "prefix", title: "Begins with", cell: (key) => <span className="vl-mono">{key.prefix}…</span> },
  {
    key: "state",
    title: "State",
    cell: (key) => <StateBadge state={key.revoked_at === null ? "active" : "revoked"} />,
  },
  { key: "by", title: "Issued by", cell: (key) => key.created_by },
  { key: "time", title: "Issued", cell: (key) => <Time iso={key.created_at} /> },
];
