import "@mantine/charts/styles.css";

export { AreaChart, BarChart, CompositeChart, LineChart, ScatterChart, Sparkline } from "@mantine/charts";

/** Series colours in the order of use; distinct in both colour schemes and for colour-blind readers. */
export const SERIES = ["accent.5", "orange.6", "teal.6", "grape.5", "yellow.6", "cyan.7", "pink.5", "gray.6"];

/** Props that every chart shares: a faint grid, no axis lines, quiet ticks. */
export const QUIET = {
  gridAxis: "x" as const,
  tickLine: "none" as const,
  strokeDasharray: "2 4",
  withTooltip: true,
};

export function seriesColor(index: number): string {
  return SERIES[index % SERIES.length] ?? "accent.5";
}
