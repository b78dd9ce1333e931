import classes from "./Promotions.module.css";
import type { GateResult } from "./queries";
import { comparisonText } from "./steps";

/** What a gate measured against its threshold, in figures and to scale. */
export function GateFigure({ gate }: { gate: GateResult }) {
  const { measured, threshold } = gate;
  return (
    <div className={classes.gate}>
      {measured !== null && threshold !== null && threshold !== 0 && (
        <Scale measured={measured} threshold={threshold} passed={gate.passed} />
      )}
      <div>
        {measured !== null && <span className={classes.figure}>{comparisonText(gate)}</span>}
        {gate.summary !== "" && <div className="vl-dim">{gate.summary}</div>}
      </div>
    </div>
  );
}

/** A bar for the measured value and a line for the threshold, on a scale that holds both. */
function Scale({ measured, threshold, passed }: { measured: number; threshold: number; passed: boolean }) {
  const top = Math.max(Math.abs(measured), Math.abs(threshold)) * 1.15;
  const share = (value: number) => `${((Math.abs(value) / top) * 100).toFixed(1)}%`;
  return (
    <div className={classes.scale} data-failed={!passed || undefined} aria-hidden>
      <i className={classes.measured} style={{ width: share(measured) }} />
      <i className={classes.threshold} style={{ left: share(threshold) }} />
    </div>
  );
}
