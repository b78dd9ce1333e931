import { Select } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { milliseconds } from "@/features/endpoints/Live";
import { useEndpoints } from "@/features/endpoints/queries";
import { BarChart, LineChart, QUIET } from "@/ui/Chart";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Figures } from "@/ui/Facts";
import { count, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import classes from "./Monitoring.module.css";
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
          <Traffic history={history} />
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
  const rows = history.traffic.map((point) => ({ ...point, time: clock(point.time) }));
  if (rows.length === 0) {
    return (
      <Panel title="Requests">
        <EmptyState title="No traffic yet" />
      </Panel>
    );
  }
  return (
    <div className={classes.columns}>
      <Panel title="Requests">
        <BarChart
          {...QUIET}
          h={220}
          data={rows}
          dataKey="time"
          series={[{ name: "num_requests", label: "requests", color: "accent.5" }]}
          maxBarWidth={24}
          valueFormatter={count}
        />
      </Panel>
      <Panel title="Latency" aside={<span className="vl-dim">milliseconds</span>}>
        <LineChart
          {...QUIET}
          h={220}
          data={rows}
          dataKey="time"
          series={[
            { name: "latency_p50_ms", label: "p50", color: "accent.5" },
            { name: "latency_p95_ms", label: "p95", color: "orange.6" },
          ]}
          curveType="linear"
          withDots={false}
          withLegend
          legendProps={{ verticalAlign: "top", height: 28 }}
          lineChartProps={{ margin: { right: 14 } }}
          valueFormatter={(value) => (value < 10 ? value.toFixed(1) : count(value))}
        />
      </Panel>
    </div>
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
