import type { ReactNode } from "react";

import classes from "./Facts.module.css";

export interface Fact {
  label: ReactNode;
  value: ReactNode;
}

/** Label and value pairs, one below the other. */
export function Facts({ items }: { items: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {items.map((fact, index) => (
        <div key={index} className={classes.row}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A row of headline figures; wraps on narrow screens. */
export function Figures({ items }: { items: readonly (Fact & { note?: ReactNode })[] }) {
  return (
    <dl className={classes.figures}>
      {items.map((fact, index) => (
        <div key={index} className={classes.figure}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
          {fact.note !== undefined && <p>{fact.note}</p>}
        </div>
      ))}
    </dl>
  );
}
