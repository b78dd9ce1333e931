import { Skeleton } from "@mantine/core";

import { useProject } from "@/app/project";
import { count, percent } from "@/ui/format";
import { StateBadge } from "@/ui/State";

import { type EndpointHealth, useHealth } from "./queries";

/** Latency in milliseconds; a dash when nothing was measured. */
export function milliseconds(value: number | null): string {
  if (value === null) return "–";
  return `${value < 10 ? value.toFixed(1) : count(value)}\u00a0ms`;
}

const FIGURES = {
  rate: (health: EndpointHealth) => count(health.requests_per_minute),
  p50: (health: EndpointHealth) => milliseconds(health.latency_p50_ms),
  p95: (health: EndpointHealth) => milliseconds(health.latency_p95_ms),
  errors: (health: EndpointHealth) => percent(health.error_rate),
};

/** One figure of the last 60 seconds, kept current. */
export function LiveFigure({ endpoint, figure }: { endpoint: string; figure: keyof typeof FIGURES }) {
  const health = useHealth(useProject(), endpoint);
  if (health.data) return <>{FIGURES[figure](health.data)}</>;
  return health.isError ? <span className="vl-dim">–</span> : <Skeleton height={12} width={44} ml="auto" />;
}

export function LiveState({ endpoint }: { endpoint: string }) {
  const health = useHealth(useProject(), endpoint);
  if (health.data) return <StateBadge state={health.data.state} />;
  return health.isError ? <StateBadge state="unknown" /> : <Skeleton height={18} width={76} radius="xl" />;
}
