import { duration } from "@/ui/format";

import type { Run } from "./queries";

/** The value of a measure as the run reports it: on test data if it has, else on validation. */
export function headline(metrics: Readonly<Record<string, number | null>>, measure: string): number | undefined {
  for (const split of ["test", "val", ""]) {
    for (const separator of ["_", "/", "."]) {
      const value = metrics[split === "" ? measure : `${split}${separator}${measure}`];
      if (value !== undefined && value !== null) return value;
    }
  }
  return undefined;
}

/** Which of two values of a metric is better; null for metrics that judge nothing. */
export function betterDirection(metric: string): "higher" | "lower" | null {
  if (/loss|error/.test(metric)) return "lower";
  return /accuracy|f1|recall|precision|auc|iou|map/.test(metric) ? "higher" : null;
}

/** How long a run took, or has taken up to `now`. */
export function runDuration(
  run: Pick<Run, "started_at" | "ended_at">,
  now: number = Date.now(),
): string {
  if (run.started_at === null) return "–";
  const end = run.ended_at === null ? now : Date.parse(run.ended_at);
  return duration(Math.max(0, (end - Date.parse(run.started_at)) / 1000));
}

/** A parameter as text; text that is empty is said to be so. */
export function parameterText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}
