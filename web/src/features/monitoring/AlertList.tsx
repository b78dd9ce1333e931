import { Button, Group } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { sentence } from "@/ui/format";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { type Alert, useHandleAlert } from "./queries";

/** Alerts with what to do about them. */
export function AlertList({ query }: { query: UseQueryResult<readonly Alert[]> }) {
  const actions: Column<Alert> = {
    key: "actions",
    title: "",
    align: "right",
    width: 210,
    cell: (alert) => <Actions alert={alert} />,
  };
  return (
    <DataTable
      query={query}
      rowKey={(alert) => alert.id}
      columns={[...COLUMNS, actions]}
      empty={
        <EmptyState title="No alert">
          An alert opens when windows drift, when estimated accuracy falls, or when an endpoint fails.
        </EmptyState>
      }
    />
  );
}

function Actions({ alert }: { alert: Alert }) {
  const handle = useHandleAlert(useProject());
  if (alert.state === "resolved") return null;
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {alert.state === "open" && (
        <Allowed right="watch">
          <Button
            size="compact-xs"
            variant="default"
            loading={handle.isPending && handle.variables.deed === "acknowledge"}
            onClick={() => { handle.mutate({ alertId: alert.id, deed: "acknowledge" }); }}
          >
            Acknowledge
          </Button>
        </Allowed>
      )}
      <Allowed right="watch">
        <Button
          size="compact-xs"
          variant="default"
          loading={handle.isPending && handle.variables.deed === "resolve"}
          onClick={() => { handle.mutate({ alertId: alert.id, deed: "resolve" }); }}
        >
          Resolve
        </Button>
      </Allowed>
    </Group>
  );
}

const COLUMNS: Column<Alert>[] = [
  {
    key: "summary",
    title: "Alert",
    cell: (alert) => (
      <>
        <strong>{sentence(alert.kind)}</strong> on {alert.endpoint}
        <div className="vl-dim">{alert.summary}</div>
      </>
    ),
  },
  {
    key: "severity",
    title: "Severity",
    cell: (alert) => (
      <StateBadge state={alert.severity} tone={alert.severity === "page" ? "failing" : "attention"} />
    ),
  },
  {
    key: "state",
    title: "State",
    cell: (alert) => (
      <>
        <StateBadge state={alert.state} />
        <div className="vl-dim">{alert.resolved_by ?? alert.acknowledged_by}</div>
      </>
    ),
  },
  { key: "opened", title: "Opened", cell: (alert) => <Time iso={alert.created_at} /> },
  { key: "seen", title: "Last seen", cell: (alert) => <Time iso={alert.last_seen_at} /> },
];
