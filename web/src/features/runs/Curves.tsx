import { LineChart, QUIET, seriesColor } from "@/ui/Chart";
import { number, sentence, words } from "@/ui/format";
import { Panel } from "@/ui/Page";

import type { Curve } from "./curves";
import classes from "./Training.module.css";

/** One line chart for each measure, side by side. */
export function CurveGrid({ curves }: { curves: readonly Curve[] }) {
  return (
    <div className={classes.curves} data-even={curves.length === 4 || undefined}>
      {curves.map((curve) => (
        <CurvePanel key={curve.title} curve={curve} />
      ))}
    </div>
  );
}

function CurvePanel({ curve }: { curve: Curve }) {
  return (
    <Panel title={sentence(curve.title)}>
      <LineChart
        {...QUIET}
        h={210}
        data={curve.rows}
        dataKey="step"
        series={curve.series.map((name, index) => ({
          name,
          label: words(name),
          color: seriesColor(index),
        }))}
        curveType="linear"
        withDots={curve.rows.length <= 24}
        dotProps={{ r: 2.5 }}
        strokeWidth={2}
        withLegend={curve.series.length > 1}
        legendProps={{ verticalAlign: "top", height: 30 }}
        valueFormatter={number}
        lineChartProps={{ margin: { right: 14, bottom: 24 } }}
        yAxisProps={{ width: 54, domain: ["auto", "auto"] }}
        xAxisLabel="epoch"
      />
    </Panel>
  );
}
