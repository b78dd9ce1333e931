export type Range = readonly [number, number];

/** Where a value stands on a scale, as a CSS length; values outside stick to the ends. */
export function offset(value: number, [low, high]: Range): string {
  if (high <= low) return "0%";
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return `${(share * 100).toFixed(2)}%`;
}

/** The smallest scale in steps of ten percent that holds all intervals, at most 0 to 1. */
export function shareRange(estimates: readonly { low: number; high: number }[]): Range {
  if (estimates.length === 0) return [0, 1];
  const low = Math.min(...estimates.map((estimate) => estimate.low));
  const high = Math.max(...estimates.map((estimate) => estimate.high));
  return [Math.max(-1, Math.floor(low * 10) / 10), Math.min(1, Math.ceil(high * 10) / 10)];
}
