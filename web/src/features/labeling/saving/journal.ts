import { createStore, del, entries, get, set } from "idb-keyval";

import type { Labels } from "../canvas/history";

/** Changes that the server has not confirmed, and what they were made from. */
export interface Kept {
  project: string;
  taskId: string;
  /** The labels at `revision`, as the server had them. */
  base: Labels;
  revision: number;
  labels: Labels;
}

/** Where unconfirmed changes are kept until the server has them. */
export interface Journal {
  keep: (kept: Kept) => Promise<void>;
  forget: (project: string, taskId: string) => Promise<void>;
  find: (project: string, taskId: string) => Promise<Kept | null>;
  /** Tasks of a project with changes that are not on the server. */
  list: (project: string) => Promise<readonly string[]>;
}

/** A journal in this browser, for one user; it outlives the tab, the browser and the network. */
export function browserJournal(user: string): Journal {
  const place = createStore(`visionloop-labels-${user}`, "kept");
  const keyOf = (project: string, taskId: string) => `${project}/${taskId}`;
  return {
    keep: (kept) => set(keyOf(kept.project, kept.taskId), kept, place),
    forget: (project, taskId) => del(keyOf(project, taskId), place),
    find: async (project, taskId) => (await get<Kept>(keyOf(project, taskId), place)) ?? null,
    list: async (project) => {
      const all = await entries<string, Kept>(place);
      return all.flatMap(([, kept]) => (kept.project === project ? [kept.taskId] : []));
    },
  };
}
