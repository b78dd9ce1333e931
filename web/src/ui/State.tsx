import { sentence } from "./format";
import classes from "./State.module.css";
import { type Tone, toneOf } from "./tones";

/** A coloured dot; give `label` wherever no text beside it says the same. */
export function StateDot({ tone, label }: { tone: Tone; label?: string }) {
  return (
    <span
      className={classes.dot}
      data-tone={tone}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    />
  );
}

/** Any state word of the API as a badge: dot, colour and text together. */
export function StateBadge({ state, tone, label }: { state: string; tone?: Tone; label?: string }) {
  const shown = tone ?? toneOf(state);
  return (
    <span className={classes.badge} data-tone={shown}>
      <StateDot tone={shown} />
      {label ?? sentence(state)}
    </span>
  );
}
