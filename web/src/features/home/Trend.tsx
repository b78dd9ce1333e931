import { Sparkline } from "@/ui/Chart";

/** A small line without axes, stretched to its own range so that a change is seen. */
export default function Trend({ values }: { values: number[] }) {
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 0.01;
  // The area starts at zero; a little room below keeps the lowest point visible.
  const heights = values.map((value) => value - low + range * 0.25);
  return (
    <Sparkline
      h={92}
      data={heights}
      color="accent.5"
      curveType="monotone"
      fillOpacity={0.18}
      strokeWidth={1.8}
    />
  );
}
