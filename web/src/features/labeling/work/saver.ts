import { ApiError } from "@/api/problem";

import type { Labels } from "../canvas/history";
import type { Stored } from "./calls";

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
  /** After a conflict: goes on from the server's revision, sending ours over it. */
  overwrite: (revision: number) => Promise<boolean>;
  /** After a conflict: forgets ours and goes on from the server's revision. */
  adopt: (revision: number) => void;
  isDirty: () => boolean;
  revision: () => number;
  dispose: () => void;
}

export type Names = ReadonlyMap<string, string>;

export interface SaverOptions {
  revision: number;
  /** `names` holds the server's ids of shapes that were drawn here. */
  send: (labels: Labels, revision: number, names: Names) => Promise<Stored>;
  onState: (state: SaveState) => void;
}

const PAUSE_MS = 250;
const RETRY_MS = 4000;

/**
 * Saves every change: one request at a time, the newest labels win, a failed save is tried
 * again, and a save that someone else overtook stops and asks.
 */
export function createSaver({ revision: first, send, onState }: SaverOptions): Saver {
  let revision = first;
  const names = new Map<string, string>();
  let waiting: Labels | null = null;
  let running: Promise<boolean> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let disposed = false;

  function schedule(delay: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => { void flush(); }, delay);
  }

  async function flush(): Promise<boolean> {
    clearTimeout(timer);
    if (running !== null) await running;
    if (waiting === null) return true;
    if (stopped) return false;
    running = sendWaiting();
    const stored = await running;
    running = null;
    // Something changed while the request was under way.
    return stored && hasWaiting() ? flush() : stored;
  }

  async function sendWaiting(): Promise<boolean> {
    const labels = waiting;
    if (labels === null) return true;
    waiting = null;
    onState({ phase: "saving" });
    try {
      const stored = await send(labels, revision, names);
      revision = stored.revision;
      learnNames(names, labels, stored);
      if (!hasWaiting()) onState({ phase: "saved" });
      return true;
    } catch (error) {
      waiting ??= labels;
      report(error);
      return false;
    }
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
      if (stopped) return;
      onState({ phase: "saving" });
      schedule(PAUSE_MS);
    },
    flush,
    overwrite(newest) {
      revision = newest;
      stopped = false;
      return flush();
    },
    adopt(newest) {
      revision = newest;
      stopped = false;
      waiting = null;
      onState({ phase: "saved" });
    },
    isDirty: () => waiting !== null || running !== null,
    revision: () => revision,
    dispose() {
      disposed = true;
      clearTimeout(timer);
      if (!stopped && waiting !== null) void flush();
    },
  };
}

/** The answer lists the labels as they were sent, so that places tell which id is whose. */
function learnNames(names: Map<string, string>, { shapes }: Labels, { annotations }: Stored): void {
  shapes.forEach(({ id }, i) => {
    const stored = annotations[i]?.id;
    if (stored !== undefined && stored !== id) names.set(id, stored);
  });
}
