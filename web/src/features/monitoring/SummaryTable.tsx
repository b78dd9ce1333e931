import type { UseQueryResult } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import { milliseconds } from "@/features/endpoints/Live";
import { type Column, DataTable } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { EmptyState } from "@/ui/EmptyState";
import { count, percent } from "@/ui/format";
import { Time } from "@/ui/Time";

type LogSummary = components["schemas"]["LogSummarySchema"];

/** Requests, answers and latency of each deployment in the log. */
export function SummaryTable({ query }: { query: UseQueryResult<readonly LogSummary[]> }) {
  return (
    <DataTable
      query={query}
      rowKey={(item) => `${item.deployment}/${item.model_digest}`}
      columns={COLUMNS}
      empty={<EmptyState title="No request yet" />}
    />
  );
}

const COLUMNS: Column<LogSummary>[] = [
  { key: "deployment", title: "Deployment", cell: (item) => <strong>{item.deployment}</strong> },
  { key: "digest", title: "Model", cell: (item) => <Digest value={item.model_digest} /> },
  { key: "requests", title: "Requests", align: "right", cell: (item) => count(item.num_requests) },
  { key: "score", title: "Mean confidence", align: "right", cell: (item) => percent(item.mean_score) },
  { key: "p50", title: "p50", align: "right", cell: (item) => milliseconds(item.latency_p50_ms) },
  { key: "p95", title: "p95", align: "right", cell: (item) => milliseconds(item.latency_p95_ms) },
  { key: "p99", title: "p99", align: "right", cell: (item) => milliseconds(item.latency_p99_ms) },
  {
    key: "labels",
    title: "Most frequent answers",
    cell: (item) =>
      Object.entries(item.labels)
        .sort((a, b) => b[1] - a[1])
        .slice(0, 3)
        .map(([label, size]) => `${label} ${count(size)}`)
        .join(", "),
  },
  { key: "last", title: "Last request", align: "right", cell: (item) => <Time iso={item.last_at} /> },
];
