import { percent } from "@/ui/format";

/** A share of which there may be none. */
export function share(value: number | null | undefined): string {
  return value === null || value === undefined || value < 0 ? "none" : percent(value);
}

/** The interval of an estimate, in percent. */
export function interval({ low, high }: { low: number; high: number }): string {
  return `95 % interval ${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)}`;
}
