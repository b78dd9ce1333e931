import { IconPhotoExclamation } from "@tabler/icons-react";

import { percent, words } from "@/ui/format";

import type { Task } from "../queries";
import classes from "./ReasonPanel.module.css";

/** Keys shown in words of their own, or of no use to a labeler. */
const HANDLED = new Set(["p_error", "prediction", "request_id", "alert_id", "rank", "score"]);

/** Why monitoring sent this image: how likely the model was wrong, and what it said. */
export function ReasonPanel({ task }: { task: Task }) {
  const { reason } = task;
  const pError = typeof reason.p_error === "number" ? reason.p_error : null;
  const prediction = predictionOf(reason.prediction);
  const others = Object.entries(reason).filter(
    ([key, value]) => !HANDLED.has(key) && ["string", "number"].includes(typeof value),
  );
  if (pError === null && prediction === null && others.length === 0) return null;
  return (
    <section className={classes.reason} aria-label="Why this image is here">
      <h2>
        <IconPhotoExclamation size={16} stroke={1.7} aria-hidden />
        Sent by monitoring
      </h2>
      {pError !== null && (
        <div className={classes.row}>
          <span>Probably wrong</span>
          <strong>{percent(pError, 0)}</strong>
          <span className={classes.meter} aria-hidden>
            <span style={{ width: `${String(pError * 100)}%` }} />
          </span>
        </div>
      )}
      {prediction !== null && (
        <div className={classes.row}>
          <span>The model said</span>
          <strong>{prediction}</strong>
        </div>
      )}
      {others.map(([key, value]) => (
        <div key={key} className={classes.row}>
          <span>{words(key)}</span>
          <span>{String(value)}</span>
        </div>
      ))}
    </section>
  );
}

function predictionOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return null;
  const { label, score } = value as { label?: unknown; score?: unknown };
  if (typeof label !== "string") return null;
  return typeof score === "number" ? `${label} (${percent(score, 0)})` : label;
}
