import { useCallback, useEffect, useRef, useState } from "react";

import type { Labels } from "../canvas/history";
import { type Detail, saveLabels, type Stored } from "../work/calls";
import type { Journal } from "./journal";
import { createSaver, type Saver, type SaveState } from "./saver";

interface Saving {
  state: SaveState;
  change: (labels: Labels) => void;
  flush: () => Promise<boolean>;
  overwrite: (theirs: Stored, labels: Labels) => void;
  adopt: (theirs: Stored) => void;
  revision: () => number;
  sides: Saver["sides"];
}

/** The saver of one task, for as long as its workspace is shown. */
export function useSaver(project: string, detail: Detail, journal: Journal): Saving {
  const saver = useRef<Saver | null>(null);
  const [state, setState] = useState<SaveState>({ phase: "saved" });
  const taskId = detail.task.id;
  const [first] = useState<Stored>(detail.annotations);

  useEffect(() => {
    const created = createSaver({
      first,
      send: (labels, revision, names) => saveLabels(project, taskId, labels, revision, names),
      onState: setState,
      keep: (kept) => {
        // Keeping is a second safety; where the browser forbids it, saving goes on without.
        const done = kept === null ? journal.forget(project, taskId) : journal.keep({ project, taskId, ...kept });
        done.catch(() => undefined);
      },
    });
    saver.current = created;
    const warn = (event: BeforeUnloadEvent) => {
      if (created.isDirty()) event.preventDefault();
    };
    const retry = () => { void created.flush(); };
    window.addEventListener("beforeunload", warn);
    window.addEventListener("online", retry);
    return () => {
      window.removeEventListener("beforeunload", warn);
      window.removeEventListener("online", retry);
      created.dispose();
    };
  }, [project, taskId, first, journal]);

  return {
    state,
    change: useCallback((labels) => saver.current?.change(labels), []),
    flush: useCallback(() => saver.current?.flush() ?? Promise.resolve(true), []),
    overwrite: useCallback((theirs, labels) => void saver.current?.overwrite(theirs, labels), []),
    adopt: useCallback((theirs) => saver.current?.adopt(theirs), []),
    revision: useCallback(() => saver.current?.revision() ?? first.revision, [first]),
    sides: useCallback(() => {
      if (saver.current === null) throw new Error("The workspace is closed.");
      return saver.current.sides();
    }, []),
  };
}
