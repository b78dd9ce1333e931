import { Select } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { milliseconds } from "@/features/endpoints/Live";
import { useEndpoints } from "@/features/endpoints/queries";
import { CompositeChart, QUIET } from "@/ui/Chart";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Figures } from "@/ui/Facts";
import { count, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { type EndpointHistory, useEndpointHistory } from "./queries";
import { clock } from "./timeline";

type Check = EndpointHistory["checks"][number];

/** How endpoints fared, and what was done about it without asking. */
export function Component() {
  const endpoints = useEndpoints(useProject());
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Loaded query={endpoints}>
      {(items) => {
        const names = items.map((item) => item.name);
        const name = chosen ?? names.find((other) => other.includes("prod")) ?? names[0];
        if (name === undefined) {
          return <EmptyState title="No endpoint yet">Checks begin with the first endpoint.</EmptyState>;
        }
        return (
          <>
            <Select
              w={280}
              label="Endpoint"
              allowDeselect={false}
              data={names}
              value={name}
              onChange={setChosen}
            />
            <History endpoint={name} />
          </>
        );
      }}
    </Loaded>
  );
}

function History({ endpoint }: { endpoint: string }) {
  const project = useProject();
  const query = useEndpointHistory(project, endpoint);
  return (
    <Loaded query={query}>
      {(history) => (
        <>
          <Overview history={history} />
          <Panel title="Requests and latency">
            <Traffic history={history} />
          </Panel>
          <Panel
            flush
            title="Checks"
            aside={<Link to={projectPath(project, "/administration/proposals")}>Change proposals</Link>}
          >
            <DataTable
              query={{ ...query, data: history.checks }}
              rowKey={(check) => check.id}
              columns={COLUMNS}
              empty={<EmptyState title="No check yet">The first comes within a minute.</EmptyState>}
            />
          </Panel>
        </>
      )}
    </Loaded>
  );
}

function Overview({ history }: { history: EndpointHistory }) {
  const last = history.checks[0];
  return (
    <Figures
      items={[
        {
          label: "Last check",
          value: last ? <StateBadge state={last.is_alive ? "healthy" : "down"} /> : "–",
          note: last && <Time iso={last.created_at} />,
        },
        { label: "p95 at last check", value: milliseconds(last?.latency_p95_ms ?? null) },
        { label: "Restarts in the last hour", value: count(history.num_restarts_last_hour) },
        {
          label: "Log records dropped",
          value: count(last?.num_dropped_records ?? 0),
          note: last && `of ${plural(last.num_requests, "request")}`,
        },
      ]}
    />
  );
}

function Traffic({ history }: { history: EndpointHistory }) {
  if (history.traffic.length === 0) return <EmptyState title="No traffic yet" />;
  return (
    <CompositeChart
      {...QUIET}
      h={250}
      data={history.traffic.map((point) => ({ ...point, time: clock(point.time) }))}
      dataKey="time"
      series={[
        { name: "num_requests", label: "requests", color: "gray.4", type: "bar", yAxisId: "left" },
        { name: "latency_p50_ms", label: "p50, ms", color: "accent.5", type: "line", yAxisId: "right" },
        { name: "latency_p95_ms", label: "p95, ms", color: "orange.6", type: "line", yAxisId: "right" },
      ]}
      curveType="linear"
      withDots={false}
      withLegend
      withRightYAxis
      legendProps={{ verticalAlign: "top", height: 28 }}
      yAxisLabel="requests"
      rightYAxisLabel="ms"
      maxBarWidth={28}
      valueFormatter={(value) => (value < 10 ? value.toFixed(1) : count(value))}
    />
  );
}

const COLUMNS: Column<Check>[] = [
  { key: "time", title: "Checked", cell: (check) => <Time iso={check.created_at} /> },
  {
    key: "alive",
    title: "State",
    cell: (check) => <StateBadge state={check.is_alive ? "healthy" : "down"} />,
  },
  { key: "requests", title: "Requests", align: "right", cell: (check) => count(check.num_requests) },
  { key: "errors", title: "Errors", align: "right", cell: (check) => count(check.num_errors) },
  { key: "p95", title: "p95", align: "right", cell: (check) => milliseconds(check.latency_p95_ms) },
  { key: "problem", title: "Problem", cell: (check) => check.problem ?? <span className="vl-dim">none</span> },
  {
    key: "action",
    title: "What was done",
    cell: (check) =>
      check.action === "none" ? (
        <span className="vl-dim">nothing</span>
      ) : (
        <StateBadge state={check.action} tone={check.action === "proposed" ? "attention" : "running"} />
      ),
  },
];
