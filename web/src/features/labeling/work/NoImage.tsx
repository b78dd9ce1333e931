import { Skeleton } from "@mantine/core";

import { ErrorState } from "@/ui/ErrorState";

import classes from "./Workspace.module.css";

const FAILED = new Error("The image could not be loaded. It may have been moved at its source.");

/** In place of the canvas while the image loads, or when it does not. */
export function NoImage({ failed, onRetry }: { failed: boolean; onRetry: () => void }) {
  if (failed) return <ErrorState error={FAILED} onRetry={onRetry} />;
  return <Skeleton className={classes.loading} aria-label="Loading the image" />;
}
