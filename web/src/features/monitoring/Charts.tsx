import { CompositeChart, LineChart, QUIET } from "@/ui/Chart";
import { number } from "@/ui/format";
import { Panel } from "@/ui/Page";

import classes from "./Monitoring.module.css";
import type { MonitorWindow, PerformancePoint } from "./queries";
import { type AccuracyRow, accuracyRows, accuracyTicks, driftRows, SMALLEST_P } from "./timeline";

/** Drift p-value of every window against the threshold, on a logarithmic axis. */
export function DriftChart({ windows, alpha }: { windows: readonly MonitorWindow[]; alpha: number }) {
  return (
    <Panel title="Drift" aside={<span className="vl-dim">p-value, logarithmic; low means changed</span>}>
      <LineChart
        {...QUIET}
        h={230}
        data={driftRows(windows)}
        dataKey="time"
        series={[{ name: "p", label: "p-value", color: "accent.5" }]}
        curveType="linear"
        dotProps={{ r: 3 }}
        valueFormatter={number}
        yAxisProps={{ scale: "log", domain: [SMALLEST_P, 1], ticks: [SMALLEST_P, 1e-4, 1e-2, 1], width: 52 }}
        lineChartProps={{ margin: { top: 12, right: 14 } }}
        referenceLines={[{ y: alpha, color: "red.6", label: `alarm below ${number(alpha)}`, labelPosition: "insideTopRight" }]}
      />
    </Panel>
  );
}

/** Accuracy estimated without labels with its interval, and what audited labels say. */
export function AccuracyChart({ points }: { points: readonly PerformancePoint[] }) {
  const rows = accuracyRows(points);
  const ticks = accuracyTicks(rows);
  const reference = rows.findLast((row) => row.reference !== null)?.reference;
  return (
    <Panel title="Accuracy" aside={<span className="vl-dim">percent; the band is the interval</span>}>
      <CompositeChart
        {...QUIET}
        h={230}
        data={rows as unknown as Record<string, unknown>[]}
        dataKey="time"
        series={[
          { name: "band", label: "interval", color: "accent.3", type: "area" },
          { name: "estimate", label: "estimated", color: "accent.5", type: "line" },
          { name: "audited", label: "audited", color: "orange.6", type: "line" },
        ]}
        curveType="linear"
        withDots={false}
        connectNulls
        withLegend
        legendProps={{ verticalAlign: "top", height: 28 }}
        areaProps={{ fillOpacity: 0.26, strokeWidth: 0 }}
        lineProps={(series) => (series.name === "audited" ? { strokeWidth: 0, dot: { r: 4, fill: "var(--mantine-color-orange-6)" } } : {})}
        tooltipProps={{ content: ({ payload }) => <Tip row={payload?.[0]?.payload as AccuracyRow | undefined} /> }}
        yAxisProps={{ domain: [ticks[0] ?? 0, 100], ticks, width: 40 }}
        composedChartProps={{ margin: { right: 14 } }}
        referenceLines={
          reference == null
            ? []
            : [{ y: reference, color: "gray.5", label: "reference", labelPosition: "insideBottomLeft" }]
        }
      />
    </Panel>
  );
}

function Tip({ row }: { row: AccuracyRow | undefined }) {
  if (row === undefined) return null;
  return (
    <div className={classes.tip}>
      <strong>{row.time}</strong>
      {row.estimate !== null && (
        <div>
          estimated {row.estimate} % ({row.band?.[0]} to {row.band?.[1]})
        </div>
      )}
      {row.audited !== null && <div>audited {row.audited} %</div>}
      {row.reference !== null && <div className="vl-dim">reference {row.reference} %</div>}
    </div>
  );
}
