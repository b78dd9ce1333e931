import { percent } from "./format";
import { offset, type Range } from "./scale";
import classes from "./Whisker.module.css";
import type { Tone } from "./tones";

export interface Estimate {
  value: number;
  low: number;
  high: number;
}

interface WhiskerProps {
  estimate: Estimate;
  /** Ends of the scale; the same for all rows of a table, so that rows compare. */
  range?: Range;
  /** A reference on the same scale, drawn as a thin line: zero, a threshold, the mean. */
  mark?: number;
  tone?: Tone;
  /** Off where a column of its own gives the value. */
  withValue?: boolean;
}

/** An estimate as a dot on its interval, with the figures beside it. */
export function Whisker({ estimate, range = [0, 1], mark, tone = "running", withValue = true }: WhiskerProps) {
  const { value, low, high } = estimate;
  const left = offset(low, range);
  const text = `${percent(value)}, interval ${percent(low)} to ${percent(high)}`;
  return (
    <div className={classes.box}>
      <div className={classes.row} data-bare={!withValue || undefined}>
        <div
          className={classes.track}
          style={{ "--tone": `var(--vl-${tone})` } as React.CSSProperties}
          role="img"
          aria-label={text}
          title={text}
        >
          {mark !== undefined && <i className={classes.mark} style={{ left: offset(mark, range) }} />}
          <i className={classes.span} style={{ left, right: `calc(100% - ${offset(high, range)})` }} />
          <i className={classes.dot} style={{ left: offset(value, range) }} />
        </div>
        {withValue && <span className={classes.figure}>{percent(value)}</span>}
        <span className={classes.bounds}>
          {(low * 100).toFixed(0)} to {(high * 100).toFixed(0)}
        </span>
      </div>
    </div>
  );
}
