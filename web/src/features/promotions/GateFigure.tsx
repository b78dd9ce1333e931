import { offset, type Range } from "@/ui/scale";

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

/** A bar from zero to the measured value and a line for the threshold, on a scale that holds both. */
function Scale({ measured, threshold, passed }: { measured: number; threshold: number; passed: boolean }) {
  const ends = [0, measured, threshold];
  const range: Range = [Math.min(...ends) * 1.15, Math.max(...ends) * 1.15];
  const left = offset(Math.min(0, measured), range);
  const right = `calc(100% - ${offset(Math.max(0, measured), range)})`;
  return (
    <div className={classes.scale} data-failed={!passed || undefined} aria-hidden>
      <i className={classes.measured} style={{ left, right }} />
      <i className={classes.threshold} style={{ left: offset(threshold, range) }} />
    </div>
  );
}
