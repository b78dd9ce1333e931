import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import classes from "./Notice.module.css";

const ICONS = { attention: IconAlertTriangle, failing: IconAlertTriangle, ok: IconCircleCheck, idle: IconInfoCircle };

/** One or two quiet lines that the reader should not miss. */
export function Notice({ tone, children }: { tone: keyof typeof ICONS; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <div className={classes.notice} data-tone={tone} role={tone === "failing" ? "alert" : undefined}>
      <Icon size={16} stroke={1.8} aria-hidden />
      <div>{children}</div>
    </div>
  );
}
