import type { ReactNode } from "react";

import classes from "./Message.module.css";

interface EmptyStateProps {
  title: string;
  icon?: ReactNode;
  /** What to do next: text, and a `Command` where a command does it. */
  children?: ReactNode;
  /** A button that does the next step. */
  action?: ReactNode;
}

/** Nothing here yet: says so and explains the next step. */
export function EmptyState({ title, icon, children, action }: EmptyStateProps) {
  return (
    <div className={classes.message}>
      {icon !== undefined && <div className={classes.icon}>{icon}</div>}
      <h2 className={classes.title}>{title}</h2>
      {children !== undefined && <div className={classes.text}>{children}</div>}
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  );
}
