import { useCallback, useEffect, useRef, useState } from "react";

import type { Labels } from "../canvas/history";
import { type Detail, saveLabels } from "./calls";
import { createSaver, type Saver, type SaveState } from "./saver";

interface Saving {
  state: SaveState;
  change: (labels: Labels) => void;
  flush: () => Promise<boolean>;
  overwrite: (revision: number) => void;
  adopt: (revision: number) => void;
  revision: () => number;
}

/** The saver of one task, for as long as its workspace is shown. */
export function useSaver(project: string, detail: Detail): Saving {
  const saver = useRef<Saver | null>(null);
  const [state, setState] = useState<SaveState>({ phase: "saved" });
  const taskId = detail.task.id;
  const first = detail.annotations.revision;

  useEffect(() => {
    const created = createSaver({
      revision: first,
      send: (labels, revision, names) => saveLabels(project, taskId, labels, revision, names),
      onState: setState,
    });
    saver.current = created;
    const warn = (event: BeforeUnloadEvent) => {
      if (created.isDirty()) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      created.dispose();
    };
  }, [project, taskId, first]);

  return {
    state,
    change: useCallback((labels) => saver.current?.change(labels), []),
    flush: useCallback(() => saver.current?.flush() ?? Promise.resolve(true), []),
    overwrite: useCallback((revision) => void saver.current?.overwrite(revision), []),
    adopt: useCallback((revision) => saver.current?.adopt(revision), []),
    revision: useCallback(() => saver.current?.revision() ?? first, [first]),
  };
}
