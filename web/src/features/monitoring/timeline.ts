import type { MonitorWindow, PerformancePoint } from "./queries";

/** Smaller p-values say nothing more, and a logarithmic axis needs an end. */
export const SMALLEST_P = 1e-6;

export interface DriftRow {
  time: string;
  id: string;
  p: number;
  auc: number;
}

/** Windows with a drift test, oldest first, for a chart. */
export function driftRows(windows: readonly MonitorWindow[]): DriftRow[] {
  return windows
    .flatMap(({ id, created_at, drift }) =>
      drift ? [{ time: clock(created_at), id, p: Math.max(drift.p_value, SMALLEST_P), auc: drift.auc }] : [],
    )
    .reverse();
}

export interface AccuracyRow {
  time: string;
  estimate: number | null;
  band: [number, number] | null;
  audited: number | null;
  reference: number | null;
}

/** Estimated and audited accuracy over time in percent, for a chart. */
export function accuracyRows(points: readonly PerformancePoint[]): AccuracyRow[] {
  return points.map(({ time, estimate, audit }) => ({
    time: clock(time),
    estimate: estimate && share(estimate.value),
    band: estimate && [share(estimate.low), share(estimate.high)],
    audited: audit && share(audit.value),
    reference: estimate && share(estimate.reference),
  }));
}

/** Marks of the accuracy axis: from below the lowest figure to exactly 100 percent. */
export function accuracyTicks(rows: readonly AccuracyRow[]): number[] {
  const figures = rows.flatMap((row) => [row.estimate, row.band?.[0], row.audited, row.reference]);
  const lowest = Math.min(99, ...figures.filter((value) => typeof value === "number"));
  const span = 100 - lowest;
  const step = [1, 2, 5, 10, 20].find((size) => span <= size * 5) ?? 25;
  const marks = Math.ceil(span / step);
  return Array.from({ length: marks + 1 }, (_, index) => 100 - step * (marks - index));
}

function share(value: number): number {
  return Math.round(value * 1000) / 10;
}

/** A time of day in the reader's own zone, short enough for an axis. */
export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString("en-GB");
}
