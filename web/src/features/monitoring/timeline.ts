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

function share(value: number): number {
  return Math.round(value * 1000) / 10;
}

/** A time of day in the reader's own zone, short enough for an axis. */
export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString("en-GB");
}
