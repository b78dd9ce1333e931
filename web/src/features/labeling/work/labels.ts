import type { Edit } from "../canvas/history";
import { classShape, type Shape } from "../canvas/shapes";

/** Whether images of a project get whole-image classes instead of shapes. */
export function isWholeImage(task: string): boolean {
  return task === "classification" || task === "multilabel_classification";
}

/**
 * What choosing a class means: one label replaces the other, several are switched on and off,
 * and with a shape in hand the shape changes its class.
 */
export function chooseCategory(
  task: string,
  shapes: readonly Shape[],
  selected: Shape | null,
  category: string,
): Edit | null {
  if (!isWholeImage(task)) {
    if (selected === null || selected.category === category) return null;
    return { type: "replace", shape: { ...selected, category, source: "human", score: null } };
  }
  const present = shapes.find((shape) => shape.kind === "class" && shape.category === category);
  if (task === "multilabel_classification") {
    return present === undefined
      ? { type: "add", shapes: [classShape(category)] }
      : { type: "remove", id: present.id };
  }
  if (present !== undefined && shapes.length === 1 && present.source === "human") return null;
  return { type: "set_all", shapes: [classShape(category)] };
}
