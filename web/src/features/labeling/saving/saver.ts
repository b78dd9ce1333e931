import { ApiError } from "@/api/problem";

import type { Labels } from "../canvas/history";
import { fromAnnotation } from "../canvas/shapes";
import type { Stored } from "../work/calls";

/** What the reader sees about saving. */
export type SaveState =
  | { phase: "saved" }
  | { phase: "saving" }
  | { phase: "failed"; message: string }
  | { phase: "conflict"; message: string };

export interface Saver {
  /** Notes the newest labels; they are sent after a short pause. */
  change: (labels: Labels) => void;
  /** Sends what is not sent yet; resolves to whether everything is stored now. */
  flush: () => Promise<boolean>;
  /** After a conflict: goes on from the server's labels, sending ours, or a merge, over them. */
  overwrite: (theirs: Stored, labels: Labels) => Promise<boolean>;
  /** After a conflict: forgets ours and goes on from the server's. */
  adopt: (theirs: Stored) => void;
  isDirty: () => boolean;
  revision: () => number;
  /** What the server had last, and ours under the server's ids: the two sides of a merge. */
  sides: () => { base: Labels; mine: Labels };
  dispose: () => void;
}

export type Names = ReadonlyMap<string, string>;

export interface SaverOptions {
  first: Stored;
  /** `names` holds the server's ids of shapes that were drawn here. */
  send: (labels: Labels, revision: number, names: Names) => Promise<Stored>;
  onState: (state: SaveState) => void;
  /** Keeps labels that are not stored in a safe place; null once they are. */
  keep: (kept: { base: Labels; revision: number; labels: Labels } | null) => void;
}

const PAUSE_MS = 250;
const RETRY_MS = 4000;
const KEEP_MS = 100;

/**
 * Saves every change: one request at a time, the newest labels win, a failed save is tried
 * again, and a save that someone else overtook stops and asks.
 */
export function createSaver({ first, send, onState, keep }: SaverOptions): Saver {
  let stored = first;
  const names = new Map<string, string>();
  let waiting: Labels | null = null;
  let sending: Labels | null = null;
  let running: Promise<boolean> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let disposed = false;

  let base = labelsOf(first);
  let keeping: ReturnType<typeof setTimeout> | undefined;

  function schedule(delay: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => { void flush(); }, delay);
  }

  function become(theirs: Stored): void {
    stored = theirs;
    base = labelsOf(theirs);
  }

  /** Writes down what is not stored; held keys change thousands of shapes many times a second. */
  function secure(): void {
    keeping ??= setTimeout(() => {
      keeping = undefined;
      const labels = waiting ?? sending;
      if (labels !== null) keep({ base, revision: stored.revision, labels: underNames(labels, names) });
    }, KEEP_MS);
  }

  async function flush(): Promise<boolean> {
    clearTimeout(timer);
    if (running !== null) await running;
    if (waiting === null) return true;
    if (stopped) return false;
    running = sendWaiting();
    const done = await running;
    running = null;
    // Something changed while the request was under way.
    return done && hasWaiting() ? flush() : done;
  }

  async function sendWaiting(): Promise<boolean> {
    const labels = waiting;
    if (labels === null) return true;
    waiting = null;
    sending = labels;
    onState({ phase: "saving" });
    try {
      become(await send(labels, stored.revision, names));
      learnNames(names, labels, stored);
      if (hasWaiting()) secure();
      else confirm();
      return true;
    } catch (error) {
      waiting ??= labels;
      secure();
      report(error);
      return false;
    } finally {
      sending = null;
    }
  }

  function confirm(): void {
    clearTimeout(keeping);
    keeping = undefined;
    keep(null);
    onState({ phase: "saved" });
  }

  function report(error: unknown): void {
    const message = error instanceof Error ? error.message : "The save failed.";
    if (error instanceof ApiError && error.status < 500) {
      stopped = error.code === "stale_annotations";
      onState({ phase: stopped ? "conflict" : "failed", message });
      return;
    }
    onState({ phase: "failed", message });
    if (!disposed) schedule(RETRY_MS);
  }

  function hasWaiting(): boolean {
    return waiting !== null;
  }

  return {
    change(labels) {
      waiting = labels;
      secure();
      if (stopped) return;
      onState({ phase: "saving" });
      schedule(PAUSE_MS);
    },
    flush,
    overwrite(theirs, labels) {
      become(theirs);
      stopped = false;
      waiting = labels;
      secure();
      return flush();
    },
    adopt(theirs) {
      become(theirs);
      stopped = false;
      waiting = null;
      confirm();
    },
    isDirty: () => waiting !== null || running !== null,
    revision: () => stored.revision,
    sides: () => ({ base, mine: underNames(waiting ?? base, names) }),
    dispose() {
      disposed = true;
      clearTimeout(timer);
      if (!stopped && waiting !== null) void flush();
    },
  };
}

/** What the server has as the canvas knows it. */
export function labelsOf(stored: Pick<Stored, "annotations" | "attributes">): Labels {
  return { shapes: stored.annotations.map(fromAnnotation), attributes: stored.attributes, proposals: [] };
}

/** The answer lists the labels as they were sent, so that places tell which id is whose. */
function learnNames(names: Map<string, string>, { shapes }: Labels, { annotations }: Stored): void {
  shapes.forEach(({ id }, i) => {
    const stored = annotations[i]?.id;
    if (stored !== undefined && stored !== id) names.set(id, stored);
  });
}

/** The same labels under the ids that the server gave to what was drawn here. */
function underNames(labels: Labels, names: Names): Labels {
  if (names.size === 0) return labels;
  return { ...labels, shapes: labels.shapes.map((shape) => ({ ...shape, id: names.get(shape.id) ?? shape.id })) };
}
