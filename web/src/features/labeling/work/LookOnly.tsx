import { IconLock } from "@tabler/icons-react";

import type { ApiError } from "@/api/problem";
import { sentence } from "@/ui/format";

import classes from "./ToolHint.module.css";

/** Why nothing can be changed here: somebody else has the image open, or it is handed in. */
export function LookOnly({ refusal }: { refusal: ApiError }) {
  const { holder, expires_at: until } = refusal.facts;
  const locked = refusal.code === "label_task_locked" && typeof holder === "string";
  return (
    <div className={classes.hint} role="status" data-lock>
      <IconLock size={14} stroke={1.8} aria-hidden />{" "}
      {locked
        ? `${sentence(holder)} has this image open${untilText(until)}. You can look; it opens for you once they are done.`
        : refusal.message}
    </div>
  );
}

function untilText(until: unknown): string {
  if (typeof until !== "string") return "";
  const time = new Date(until);
  return Number.isNaN(time.getTime()) ? "" : ` until ${time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
}
