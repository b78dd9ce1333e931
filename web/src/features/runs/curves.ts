import type { RunDetail } from "./queries";

type History = RunDetail["history"];

type Row = Record<string, number>;

/** A value that was no number is null: the line has a gap there. */
interface Point {
  step: number;
  value: number | null;
}

interface Group {
  series: string[];
  rows: Map<number, Row>;
}

export interface Curve {
  /** What is measured: "loss", "accuracy". */
  title: string;
  /** Which splits or runs it is measured on, in the order of the log. */
  series: string[];
  /** One row for each step, with a column for each series. */
  rows: Row[];
}

const SPLIT = /^(train|val|validation|test)[_/.](.+)$/;

/** "val_accuracy" -> what is measured and on which split. */
export function splitName(metric: string): { measure: string; split: string } {
  const match = SPLIT.exec(metric);
  return match
    ? { measure: match[2] ?? metric, split: match[1] ?? "" }
    : { measure: metric, split: metric };
}

/** Joins the histories of one measure on several splits into one chart each. */
export function groupCurves(history: History): Curve[] {
  const groups = new Map<string, Group>();
  for (const [metric, points] of Object.entries(history)) {
    if (new Set(points.map((point) => point.step)).size < 2) continue;
    const { measure, split } = splitName(metric);
    const group = groups.get(measure) ?? emptyGroup();
    addSeries(group, split, points);
    groups.set(measure, group);
  }
  return [...groups]
    .map(([title, group]) => toCurve(title, group))
    .sort((a, b) => b.series.length - a.series.length || rank(a.title) - rank(b.title));
}

/** One metric of several runs in one chart; the series are the runs' names. */
export function overlay(metric: string, runs: readonly { name: string; history: History }[]): Curve {
  const group = emptyGroup();
  for (const { name, history } of runs) {
    const points = history[metric];
    if (points) addSeries(group, name, points);
  }
  return toCurve(metric, group);
}

/** Loss and accuracy are what one looks at first. */
function rank(title: string): number {
  const place = ["loss", "accuracy"].indexOf(title);
  return place < 0 ? 2 : place;
}

function emptyGroup(): Group {
  return { series: [], rows: new Map() };
}

function addSeries(group: Group, name: string, points: readonly Point[]) {
  group.series.push(name);
  for (const { step, value } of points) {
    if (value === null) continue;
    group.rows.set(step, { ...group.rows.get(step), step, [name]: value });
  }
}

function toCurve(title: string, { series, rows }: Group): Curve {
  return { title, series, rows: [...rows.values()].sort((a, b) => (a.step ?? 0) - (b.step ?? 0)) };
}
