import type { Shape } from "./shapes";

/** All that is said about an image. */
export interface Labels {
  shapes: readonly Shape[];
  /** Facts about the whole image. */
  attributes: Readonly<Record<string, unknown>>;
}

/** One change of the labels; everything a person does on the canvas ends as one of these. */
export type Edit =
  | { type: "add"; shapes: readonly Shape[] }
  | { type: "replace"; shape: Shape }
  | { type: "remove"; id: string }
  | { type: "reorder"; id: string; to: "front" | "back" | "forward" | "backward" }
  | { type: "set_all"; shapes: readonly Shape[] }
  | { type: "describe_image"; attributes: Labels["attributes"] };

/** Every state of the session; unchanged shapes are shared between states, so depth costs little. */
export interface History {
  past: readonly Labels[];
  present: Labels;
  future: readonly Labels[];
}

export function startHistory(labels: Labels): History {
  return { past: [], present: labels, future: [] };
}

export function applyEdit(history: History, edit: Edit): History {
  const present = changed(history.present, edit);
  return present === history.present ? history : withPresent(history, present);
}

/** Goes on from other labels; undoing brings the present ones back. */
export function withPresent(history: History, present: Labels): History {
  return { past: [...history.past, history.present], present, future: [] };
}

function changed(labels: Labels, edit: Edit): Labels {
  if (edit.type === "describe_image") return { ...labels, attributes: edit.attributes };
  const shapes = changedShapes(labels.shapes, edit);
  return shapes === labels.shapes ? labels : { ...labels, shapes };
}

type ShapeEdit = Exclude<Edit, { type: "describe_image" }>;

function changedShapes(shapes: readonly Shape[], edit: ShapeEdit): readonly Shape[] {
  switch (edit.type) {
    case "add":
      return edit.shapes.length === 0 ? shapes : [...shapes, ...edit.shapes];
    case "replace":
      return shapes.map((shape) => (shape.id === edit.shape.id ? edit.shape : shape));
    case "remove":
      return shapes.some((shape) => shape.id === edit.id)
        ? shapes.filter((shape) => shape.id !== edit.id)
        : shapes;
    case "reorder":
      return reordered(shapes, edit.id, edit.to);
    case "set_all":
      return edit.shapes;
  }
}

function reordered(
  shapes: readonly Shape[],
  id: string,
  to: "front" | "back" | "forward" | "backward",
): readonly Shape[] {
  const from = shapes.findIndex((shape) => shape.id === id);
  const last = shapes.length - 1;
  const target = { front: last, back: 0, forward: Math.min(from + 1, last), backward: Math.max(from - 1, 0) }[to];
  const moved = shapes[from];
  if (moved === undefined || target === from) return shapes;
  const others = shapes.filter((shape) => shape.id !== id);
  return [...others.slice(0, target), moved, ...others.slice(target)];
}

export function undo(history: History): History {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: previous,
    future: [history.present, ...history.future],
  };
}

export function redo(history: History): History {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future };
}
