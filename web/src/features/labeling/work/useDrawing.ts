import { notifications } from "@mantine/notifications";
import { useEffect, useMemo, useState } from "react";

import { applyEdit, type Edit, type History, type Labels, redo, startHistory, undo, withPresent } from "../canvas/history";
import type { Interaction } from "../canvas/interaction";
import type { Shape } from "../canvas/shapes";
import { type Tool } from "../canvas/tools";
import type { Journal, Kept } from "../saving/journal";
import { mergedLabels } from "../saving/merge";
import { labelsOf, type Saver, type SaveState } from "../saving/saver";
import { useSaver } from "../saving/useSaver";
import { type Store, useStored } from "../store";
import type { Detail, Stored } from "./calls";
import { habitsOf, keepHabits } from "./memory";
import { createSession, type Marks, sureEnough } from "./session";

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
  /** Back to the labels as they were opened. */
  restart: () => void;
  select: (id: string | null) => void;
  take: (tool: Tool) => void;
  mark: (change: (marks: Marks) => Marks) => void;
  flush: () => Promise<boolean>;
  revision: () => number;
  /** Resolves a conflict by sending labels over theirs, or by taking theirs. */
  keep: (theirs: Stored, labels: Labels) => void;
  takeTheirs: (stored: Stored) => void;
  sides: Saver["sides"];
}

interface DrawingOptions {
  firstTool: Tool;
  journal: Journal;
  /** Changes of an earlier sitting that the server never got. */
  kept: Kept | null;
  /** Changes wait until a reviewer accepts them, instead of being saved one by one. */
  silent: boolean;
}

export function useDrawing(project: string, detail: Detail, options: DrawingOptions): Drawing {
  const { firstTool, journal, kept, silent } = options;
  const [session] = useState(() => {
    const habits = habitsOf(project);
    const tool = silent ? firstTool : (habits.tool ?? firstTool);
    return createSession(labelsOf(detail.annotations), tool, habits.radius);
  });
  const { history, interaction, marks } = session;
  const { past, present, future } = useStored(history, (now) => now);
  const selectedId = useStored(interaction, (now) => now.selected);
  const saving = useSaver(project, detail, journal);
  useEffect(() => {
    if (kept === null) return;
    const { labels } = mergedLabels(kept.base, kept.labels, history.get().present);
    history.set(withPresent(history.get(), labels));
    saving.change(labels);
    notifications.show({
      title: "Unsaved changes are here again",
      message: "They were kept in this browser and are sent now. Undo brings back what the server had.",
    });
    // Once, when the image opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const become = (next: History) => {
    if (next === history.get()) return;
    const { shapes, attributes } = history.get().present;
    history.set(next);
    // Proposals alone are nothing to save.
    if (!silent && (next.present.shapes !== shapes || next.present.attributes !== attributes)) saving.change(next.present);
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
    restart: () => {
      history.set(startHistory(labelsOf(detail.annotations)));
      select(null);
    },
    select,
    take: (tool) => {
      interaction.set((now) => ({ ...now, tool, gesture: { type: "none" }, grip: null }));
      if (tool !== "comment") keepHabits(project, tool === "select" ? { tool } : { tool, lastTool: tool });
    },
    mark: marks.set,
    flush: saving.flush,
    revision: saving.revision,
    sides: saving.sides,
    keep: (theirs, labels) => {
      saving.overwrite(theirs, labels);
      history.set(withPresent(history.get(), labels));
    },
    takeTheirs: (stored) => {
      saving.adopt(stored);
      // Undo brings ours back, so that neither version is lost.
      history.set(withPresent(history.get(), labelsOf(stored)));
      select(null);
    },
  };
}
