import { useMemo, useState } from "react";

import { useProjectInfo } from "@/app/project";

import { firstTool } from "../canvas/tools";
import { chooseCategory } from "./labels";
import { habitsOf, keepHabits } from "./memory";
import type { Drawing } from "./useDrawing";

/** The classes, the one that the next shape gets, and what choosing one does. */
export function useClasses(project: string, task: string, drawing: Drawing) {
  const info = useProjectInfo();
  const categories = useMemo(() => info?.categories ?? [], [info]);
  const [chosen, setChosen] = useState(() => habitsOf(project).category);
  const known = categories.some(({ name }) => name === chosen);
  const category = known && chosen !== null ? chosen : (categories[0]?.name ?? "");

  const choose = (name: string, nextOnly: boolean) => {
    setChosen(name);
    keepHabits(project, { category: name });
    const { selected, marks } = drawing;
    const held = nextOnly || (selected !== null && marks.locked.has(selected.id)) ? null : selected;
    const change = chooseCategory(task, drawing.shapes, held, name);
    if (change !== null) drawing.edit(change);
  };
  /** Lets go of the shape in hand and draws again with the last tool and class. */
  const repeat = () => {
    drawing.select(null);
    drawing.take(habitsOf(project).lastTool ?? firstTool(task));
  };
  return { categories, category, choose, repeat };
}
