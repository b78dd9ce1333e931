import { ApiError } from "@/api/problem";

import { adoptedIds, renamed, type Shape } from "../canvas/shapes";
import type { Stored } from "./calls";

/** What the reader sees about saving. */
export type SaveState =
  | { phase: "saved" }
  | { phase: "saving" }
  | { phase: "failed"; message: string }
  | { phase: "conflict"; message: string };

export interface Saver {
  /** Notes the newest shapes; they are sent after a short pause. */
  change: (shapes: readonly Shape[]) => void;
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

export interface SaverOptions {
  revision: number;
  send: (shapes: readonly Shape[], revision: number) => Promise<Stored>;
  onState: (state: SaveState) => void;
  /** New shapes got these ids from the server. */
  onNamed: (ids: ReadonlyMap<string, string>) => void;
}

const PAUSE_MS = 250;
const RETRY_MS = 4000;

/**
 * Saves every change: one request at a time, the newest shapes win, a failed save is tried
 * again, and a save that someone else overtook stops and asks.
 */
export function createSaver({ revision: first, send, onState, onNamed }: SaverOptions): Saver {
  let revision = first;
  let waiting: readonly Shape[] | null = null;
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
    const shapes = waiting ?? [];
    waiting = null;
    onState({ phase: "saving" });
    try {
      const stored = await send(shapes, revision);
      revision = stored.revision;
      const ids = adoptedIds(shapes, stored.annotations);
      waiting = waiting && renamed(waiting, ids);
      if (!disposed) onNamed(ids);
      if (!hasWaiting()) onState({ phase: "saved" });
      return true;
    } catch (error) {
      waiting ??= shapes;
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
    change(shapes) {
      waiting = shapes;
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
