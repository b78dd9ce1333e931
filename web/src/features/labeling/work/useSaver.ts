import { useCallback, useEffect, useRef, useState } from "react";

import type { Shape } from "../canvas/shapes";
import { type Detail, saveLabels } from "./calls";
import { createSaver, type Saver, type SaveState } from "./saver";

interface Saving {
  state: SaveState;
  change: (shapes: readonly Shape[]) => void;
  flush: () => Promise<boolean>;
  overwrite: (revision: number) => void;
  adopt: (revision: number) => void;
  revision: () => number;
}

/** The saver of one task, for as long as its workspace is shown. */
export function useSaver(
  project: string,
  detail: Detail,
  onNamed: (ids: ReadonlyMap<string, string>) => void,
): Saving {
  const saver = useRef<Saver | null>(null);
  const [state, setState] = useState<SaveState>({ phase: "saved" });
  const taskId = detail.task.id;
  const first = detail.annotations.revision;

  useEffect(() => {
    const created = createSaver({
      revision: first,
      send: (shapes, revision) => saveLabels(project, taskId, shapes, revision),
      onState: setState,
      onNamed,
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
  }, [project, taskId, first, onNamed]);

  return {
    state,
    change: useCallback((shapes) => saver.current?.change(shapes), []),
    flush: useCallback(() => saver.current?.flush() ?? Promise.resolve(true), []),
    overwrite: useCallback((revision) => void saver.current?.overwrite(revision), []),
    adopt: useCallback((revision) => saver.current?.adopt(revision), []),
    revision: useCallback(() => saver.current?.revision() ?? first, [first]),
  };
}
