import { useState } from "react";

import { api, body } from "@/api/client";

import type { TaskState } from "../queries";

/** Which images of a queue the arrows go through; null goes through all. */
export type Filter = TaskState | null;

export const FILTERS: readonly Filter[] = [null, "open", "in_progress", "rejected", "submitted", "accepted", "skipped"];

/** As many tasks as one answer of the API holds. */
const PAGE = 500;

/** The way through a queue by hand: which task is shown, and its neighbours under a filter. */
export function useTour(project: string, queue: string | null, first: string | null) {
  const [shown, setShown] = useState<string | null>(first);
  const [filter, setFilter] = useState<Filter>(null);

  /** Goes to the next task that matches, from the present one on; tells whether there was one. */
  const go = async (from: string, by: 1 | -1): Promise<boolean> => {
    const { items } = await body(
      api.GET("/api/v1/projects/{project}/labeling/tasks", {
        params: { path: { project }, query: { queue, limit: PAGE } },
      }),
    );
    const next = neighbour(items, from, by, filter);
    if (next !== null) setShown(next);
    return next !== null;
  };
  return { shown, filter, setFilter, go, leave: () => { setShown(null); } };
}

interface Place {
  id: string;
  state: TaskState;
}

/** The nearest task in a direction that matches a filter; the present one need not match. */
export function neighbour(items: readonly Place[], from: string, by: 1 | -1, filter: Filter): string | null {
  const at = items.findIndex(({ id }) => id === from);
  const ahead = by === 1 ? items.slice(at + 1) : items.slice(0, Math.max(at, 0)).reverse();
  return ahead.find(({ state }) => filter === null || state === filter)?.id ?? null;
}
