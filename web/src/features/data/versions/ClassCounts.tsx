import { BarChart, QUIET } from "@/ui/Chart";

import type { Version } from "./queries";

const SPLITS = [
  { name: "train", label: "Train", color: "accent.6" },
  { name: "val", label: "Validation", color: "accent.4" },
  { name: "test", label: "Test", color: "accent.2" },
];

/** Stacked bars: how many images of each class are in each split. */
export function ClassCounts({ version }: { version: Version }) {
  const data = version.classes.map((name) => ({ name, ...countsOf(version, name) }));
  return (
    <BarChart
      {...QUIET}
      h={Math.min(Math.max(data.length * 34 + 60, 180), 460)}
      data={data}
      dataKey="name"
      type="stacked"
      orientation="vertical"
      gridAxis="none"
      withLegend
      legendProps={{ itemSorter: null, verticalAlign: "bottom" }}
      barProps={{ radius: 2, maxBarSize: 20 }}
      yAxisProps={{ width: 90 }}
      series={SPLITS}
    />
  );
}

/** The counts are kept by class or by split; both read the same here. */
function countsOf(version: Version, name: string): Record<string, number> {
  return Object.fromEntries(
    SPLITS.map(({ name: split }) => [
      split,
      version.class_counts[split]?.[name] ?? version.class_counts[name]?.[split] ?? 0,
    ]),
  );
}
