import { Sparkline } from "@/ui/Chart";

/** A small line without axes; the figure beside it says the newest value. */
export default function Trend({ values }: { values: number[] }) {
  return <Sparkline h={72} data={values} color="accent.5" curveType="monotone" fillOpacity={0.18} strokeWidth={1.8} />;
}
