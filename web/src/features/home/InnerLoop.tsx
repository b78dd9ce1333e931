import classes from "./InnerLoop.module.css";
import type { RunningItem } from "./queries";

const STEPS = [
  { name: "Label", kinds: ["labeling", "relabel", "import"] },
  { name: "Train", kinds: ["train", "training", "sweep"] },
  { name: "Evaluate", kinds: ["evaluate", "evaluation"] },
  { name: "Explain", kinds: ["report", "explanations", "responsible_ai"] },
];

/** The inner loop as a loop: label, train, evaluate, explain, again; the running step stands out. */
export function InnerLoop({ running, active }: { running: readonly RunningItem[]; active: boolean }) {
  const kinds = new Set(running.map((item) => item.kind));
  return (
    <div className={classes.loop} data-active={active || undefined}>
      <svg className={classes.ring} viewBox="0 0 200 104" aria-hidden preserveAspectRatio="none">
        <rect x="34" y="18" width="132" height="68" rx="30" className={classes.track} />
        <rect x="34" y="18" width="132" height="68" rx="30" className={classes.motion} />
      </svg>
      {STEPS.map((step, index) => (
        <span
          key={step.name}
          className={classes.step}
          data-position={index}
          data-running={step.kinds.some((kind) => kinds.has(kind)) || undefined}
        >
          {step.name}
        </span>
      ))}
    </div>
  );
}
