import { percent } from "./format";
import classes from "./Probabilities.module.css";

export interface Probability {
  label: string;
  value: number;
}

interface ProbabilitiesProps {
  items: readonly Probability[];
  /** How many of the highest are shown. */
  top?: number;
  /** The true class, marked where it is known. */
  truth?: string;
  digits?: number;
}

/** The highest class probabilities as bars. */
export function Probabilities({ items, top = 3, truth, digits = 0 }: ProbabilitiesProps) {
  const shown = [...items].sort((a, b) => b.value - a.value).slice(0, top);
  return (
    <ul className={classes.list}>
      {shown.map((item) => (
        <li key={item.label} className={classes.item} data-true={item.label === truth || undefined}>
          <span className={classes.label}>{item.label}</span>
          <span className={classes.track} aria-hidden>
            <i style={{ width: `${(item.value * 100).toFixed(1)}%` }} />
          </span>
          <span className={classes.value}>{percent(item.value, digits)}</span>
        </li>
      ))}
    </ul>
  );
}
