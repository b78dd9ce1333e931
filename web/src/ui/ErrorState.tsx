import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { ApiError } from "@/api/problem";

import classes from "./Message.module.css";

interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong and how to mend it, in the server's own words. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const known = error instanceof ApiError ? error : null;
  const message = error instanceof Error ? error.message : "Something went wrong on this page.";
  return (
    <div className={classes.message} role="alert">
      <div className={classes.icon} data-failing>
        <IconAlertTriangle size={22} stroke={1.6} />
      </div>
      <h2 className={classes.title}>{known?.title ?? "This could not be shown"}</h2>
      <div className={classes.text}>{message}</div>
      {known && (
        <div className={classes.code}>
          {known.code} · HTTP {known.status}
        </div>
      )}
      {onRetry && (
        <div className={classes.action}>
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}
