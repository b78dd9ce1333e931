import { useMemo, useState } from "react";

import { applyEdit, type Edit, type History, type Labels, redo, undo, withPresent } from "../canvas/history";
import type { Interaction } from "../canvas/interaction";
import { fromAnnotation, type Shape } from "../canvas/shapes";
import { type Tool } from "../canvas/tools";
import { type Store, useStored } from "../store";
import type { Detail, Stored } from "./calls";
import { habitsOf, keepHabits } from "./memory";
import type { SaveState } from "./saver";
import { createSession, type Marks, sureEnough } from "./session";
import { useSaver } from "./useSaver";

/** The labels of one image with undo, selection, tool and saving. */
export interface Drawing {
  shapes: readonly Shape[];
  attributes: Labels["attributes"];
  /** What a model proposes, as far as it is sure enough. */
  proposals: readonly Shape[];
  /** How much was proposed and not judged, however unsure. */
  numProposed: number;
  allProposed: () => readonly string[];
  selected: Shape | null;
  tool: Tool;
  marks: Marks;
  canUndo: boolean;
  canRedo: boolean;
  save: SaveState;
  interaction: Store<Interaction>;
  edit: (change: Edit) => void;
  undo: () => void;
  redo: () => void;
  select: (id: string | null) => void;
  take: (tool: Tool) => void;
  mark: (change: (marks: Marks) => Marks) => void;
  flush: () => Promise<boolean>;
  revision: () => number;
  /** Resolves a conflict by sending ours over a revision, or by taking theirs. */
  keepMine: (revision: number) => void;
  takeTheirs: (stored: Stored) => void;
}

export function labelsOf(stored: Pick<Stored, "annotations" | "attributes">): Labels {
  return { shapes: stored.annotations.map(fromAnnotation), attributes: stored.attributes, proposals: [] };
}

export function useDrawing(project: string, detail: Detail, firstTool: Tool): Drawing {
  const [session] = useState(() => {
    const habits = habitsOf(project);
    return createSession(labelsOf(detail.annotations), habits.tool ?? firstTool, habits.radius);
  });
  const { history, interaction, marks } = session;
  const { past, present, future } = useStored(history, (now) => now);
  const selectedId = useStored(interaction, (now) => now.selected);
  const saving = useSaver(project, detail);

  const become = (next: History) => {
    if (next === history.get()) return;
    const { shapes, attributes } = history.get().present;
    history.set(next);
    // Proposals alone are nothing to save.
    if (next.present.shapes !== shapes || next.present.attributes !== attributes) saving.change(next.present);
  };
  const select = (id: string | null) => {
    interaction.set((now) => ({ ...now, selected: id, grip: null }));
  };
  const seen = useStored(marks, (now) => now);
  const proposals = useMemo(() => sureEnough(present.proposals, seen.threshold), [present.proposals, seen.threshold]);
  return {
    shapes: present.shapes,
    attributes: present.attributes,
    proposals,
    numProposed: present.proposals.length,
    allProposed: () => history.get().present.proposals.map(({ id }) => id),
    selected: [...proposals, ...present.shapes].find((shape) => shape.id === selectedId) ?? null,
    tool: useStored(interaction, (now) => now.tool),
    marks: seen,
    canUndo: past.length > 0,
    canRedo: future.length > 0,
    save: saving.state,
    interaction,
    edit: (change) => { become(applyEdit(history.get(), change)); },
    undo: () => { become(undo(history.get())); },
    redo: () => { become(redo(history.get())); },
    select,
    take: (tool) => {
      interaction.set((now) => ({ ...now, tool, gesture: { type: "none" }, grip: null }));
      keepHabits(project, tool === "select" ? { tool } : { tool, lastTool: tool });
    },
    mark: marks.set,
    flush: saving.flush,
    revision: saving.revision,
    keepMine: saving.overwrite,
    takeTheirs: (stored) => {
      saving.adopt(stored.revision);
      // Undo brings ours back, so that neither version is lost.
      history.set(withPresent(history.get(), labelsOf(stored)));
      select(null);
    },
  };
}
