import { useCallback, useState } from "react";

import { applyEdit, type Edit, type History, redo, renameShapes, startHistory, undo } from "../canvas/history";
import { AT_REST, type Interaction } from "../canvas/interaction";
import { fromAnnotation, type Shape } from "../canvas/shapes";
import type { Detail, Stored } from "./calls";
import type { SaveState } from "./saver";
import { useSaver } from "./useSaver";

/** The shapes of one task with undo, selection and saving. */
export interface Drawing {
  shapes: readonly Shape[];
  selected: Shape | null;
  interaction: Interaction;
  canUndo: boolean;
  canRedo: boolean;
  save: SaveState;
  interact: (next: Interaction) => void;
  edit: (change: Edit) => void;
  undo: () => void;
  redo: () => void;
  select: (id: string | null) => void;
  flush: () => Promise<boolean>;
  revision: () => number;
  /** Resolves a conflict by sending ours over a revision, or by taking theirs. */
  keepMine: (revision: number) => void;
  takeTheirs: (stored: Stored) => void;
}

export function useDrawing(project: string, detail: Detail): Drawing {
  const [history, setHistory] = useState<History>(() =>
    startHistory(detail.annotations.annotations.map(fromAnnotation)),
  );
  const [interaction, setInteraction] = useState<Interaction>(AT_REST);
  const onNamed = useCallback((ids: ReadonlyMap<string, string>) => {
    setHistory((now) => renameShapes(now, ids));
    setInteraction((now) => ({ ...now, selected: ids.get(now.selected ?? "") ?? now.selected }));
  }, []);
  const saving = useSaver(project, detail, onNamed);

  const become = (next: History) => {
    if (next === history) return;
    setHistory(next);
    saving.change(next.present);
  };
  return {
    shapes: history.present,
    selected: history.present.find((shape) => shape.id === interaction.selected) ?? null,
    interaction,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    save: saving.state,
    interact: setInteraction,
    edit: (change) => { become(applyEdit(history, change)); },
    undo: () => { become(undo(history)); },
    redo: () => { become(redo(history)); },
    select: (id) => { setInteraction({ ...interaction, selected: id, armed: false }); },
    flush: saving.flush,
    revision: saving.revision,
    keepMine: saving.overwrite,
    takeTheirs: (stored) => {
      saving.adopt(stored.revision);
      setHistory(startHistory(stored.annotations.map(fromAnnotation)));
      setInteraction(AT_REST);
    },
  };
}
