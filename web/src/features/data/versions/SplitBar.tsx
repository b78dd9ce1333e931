import { count } from "@/ui/format";

import classes from "./SplitBar.module.css";

const SPLITS = ["train", "val", "test"] as const;

/** Sizes of the three splits as one bar with numbers. */
export function SplitBar({ splits }: { splits: Record<string, number> }) {
  const text = SPLITS.map((split) => `${split} ${count(splits[split] ?? 0)}`).join(", ");
  return (
    <div className={classes.split} title={text}>
      <div className={classes.bar} role="img" aria-label={text}>
        {SPLITS.map((split) => (
          <span key={split} data-split={split} style={{ flexGrow: splits[split] ?? 0 }} />
        ))}
      </div>
      <div className={classes.numbers} aria-hidden>
        {SPLITS.map((split) => (
          <span key={split}>{count(splits[split] ?? 0)}</span>
        ))}
      </div>
    </div>
  );
}
