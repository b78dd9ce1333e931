import classes from "./CategoryChip.module.css";

/** A class of the label schema with its colour. */
export function CategoryChip({ name, color, note }: { name: string; color?: string; note?: string }) {
  return (
    <span className={classes.chip}>
      <span className={classes.swatch} style={{ background: color ?? "var(--vl-idle)" }} aria-hidden />
      {name}
      {note !== undefined && <span className={classes.note}>{note}</span>}
    </span>
  );
}
