import type { Box } from "./geometry/points";
import { boundsOfShapes } from "./reshape";
import type { Shape } from "./shapes";

/** With more changed shapes than this everything is painted again. */
const MAX_CHANGED = 40;

/** Where two lists of shapes differ; null when nearly everywhere, as after a change of order. */
export function changedBox(before: readonly Shape[], after: readonly Shape[]): Box | "nothing" | null {
  if (before === after) return "nothing";
  const [old, now] = [new Set(before), new Set(after)];
  const changed = [...before.filter((shape) => !now.has(shape)), ...after.filter((shape) => !old.has(shape))];
  if (changed.length > MAX_CHANGED) return null;
  if (changed.length === 0) return sameOrder(before, after) ? "nothing" : null;
  return boundsOfShapes(changed) ?? "nothing";
}

function sameOrder(before: readonly Shape[], after: readonly Shape[]): boolean {
  return before.length === after.length && before.every((shape, i) => shape === after[i]);
}
