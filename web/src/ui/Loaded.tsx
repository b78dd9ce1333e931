import { Skeleton, Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ErrorState } from "./ErrorState";

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  /** Shown while the first answer is under way; three lines when left out. */
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Draws a query's data, or a skeleton while it loads, or the error with a way to retry. */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  return skeleton ?? <Lines />;
}

function Lines() {
  return (
    <Stack gap="sm" p="md" aria-busy="true" aria-label="Loading">
      <Skeleton height={14} width="60%" />
      <Skeleton height={14} width="85%" />
      <Skeleton height={14} width="40%" />
    </Stack>
  );
}
