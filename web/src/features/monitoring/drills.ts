import type { components } from "@/api/schema";
import { count, duration, percent } from "@/ui/format";
import type { Range } from "@/ui/scale";
import type { Estimate } from "@/ui/Whisker";

export type Drill = components["schemas"]["DrillOut"];
export type Figure = components["schemas"]["FigureSchema"];

const BEFORE = "Accuracy on unseen shifted photos, before";
const AFTER = "Accuracy on unseen shifted photos, after";

/** The figures that tell most, in the order in which the loop makes them. */
const TELLING: readonly { name: string; label: string }[] = [
  { name: "Requests from the shift to the alert", label: "Requests to the alert" },
  { name: "Review queue, hits against the base error rate", label: "Lift of the review queue" },
  { name: "Share of the gap closed", label: "Gap closed" },
  { name: "Images relabeled", label: "Images relabeled" },
];

export interface Headline {
  label: string;
  value: string;
  note: string;
}

/** What to read first: the gain on photos that nobody labeled, then how it came about. */
export function headlines(figures: readonly Figure[]): Headline[] {
  const named = new Map(figures.map((figure) => [figure.name, figure]));
  const before = named.get(BEFORE);
  const after = named.get(AFTER);
  const gain: Headline[] =
    before && after
      ? [{
          label: "Accuracy on unseen photos",
          value: `${percent(before.value)} → ${percent(after.value)}`,
          note: `before and after, ${sample(after)}`,
        }]
      : [];
  const others = TELLING.flatMap(({ name, label }) => {
    const figure = named.get(name);
    return figure ? [{ label, value: measured(figure), note: interval(figure) ?? barNote(figure) }] : [];
  });
  return [...gain, ...others];
}

/** The value as a person reads it, without what its name says already. */
export function measured(figure: Pick<Figure, "value" | "unit">): string {
  const { value, unit } = figure;
  if (unit === "share") return percent(value);
  if (unit === "ratio") return `${value.toFixed(1)} ×`;
  if (unit === "s") return duration(value).replace(" min 0 s", " min");
  return count(value);
}

/** The interval in words, where it is not drawn. */
export function interval(figure: Figure): string | null {
  if (typeof figure.low !== "number" || typeof figure.high !== "number") return null;
  const [low, high] =
    figure.unit === "share"
      ? [(figure.low * 100).toFixed(0), (figure.high * 100).toFixed(0)]
      : [figure.low.toFixed(1), figure.high.toFixed(1)];
  return `95 % interval ${low} to ${high}`;
}

/** A share with its interval, ready to be drawn. */
export function estimateOf(figure: Figure): Estimate | null {
  if (figure.unit !== "share" || typeof figure.low !== "number" || typeof figure.high !== "number") return null;
  return { value: figure.value, low: figure.low, high: figure.high };
}

/** One scale for all accuracies of a drill; the share of the gap, which may leave 0 to 1, has its own. */
export function rangeOf(figure: Figure, all: readonly Figure[]): Range {
  if (!isAccuracy(figure)) return [Math.min(0, figure.low ?? 0), Math.max(1, figure.high ?? 1)];
  const lows = all.filter(isAccuracy).flatMap((item) => estimateOf(item)?.low ?? []);
  return [Math.floor(Math.min(...lows) * 10) / 10, 1];
}

function isAccuracy(figure: Figure): boolean {
  return figure.name.startsWith("Accuracy");
}

/** "at least 0.5" -> 0.5, drawn as a line on the interval. */
export function markOf(figure: Figure): number | undefined {
  const number = /\d+(\.\d+)?/.exec(figure.target ?? "")?.[0];
  return number === undefined ? undefined : Number(number);
}

/** The bar in the figure's own unit: "at least 50 %", "under 10 min". */
export function barOf(figure: Figure): string | null {
  const mark = markOf(figure);
  if (!figure.target || mark === undefined) return figure.target ?? null;
  return figure.target.replace(String(mark), measured({ value: mark, unit: figure.unit }).replace(".0\u00a0%", "\u00a0%"));
}

function barNote(figure: Figure): string {
  const bar = barOf(figure);
  return bar === null ? "" : `bar ${bar}`;
}

function sample(figure: Figure): string {
  return typeof figure.count === "number" ? `n = ${count(figure.count)}` : "";
}
