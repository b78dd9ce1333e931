import type { Shape } from "./shapes";

/** All that is said about an image. */
export interface Labels {
  shapes: readonly Shape[];
  /** Facts about the whole image. */
  attributes: Readonly<Record<string, unknown>>;
  /** What a model proposes and nobody has judged yet; never saved. */
  proposals: readonly Shape[];
}

/** One change of the labels; everything a person does on the canvas ends as one of these. */
export type Edit =
  | { type: "add"; shapes: readonly Shape[] }
  | { type: "replace"; shape: Shape }
  | { type: "remove"; id: string }
  | { type: "reorder"; id: string; to: "front" | "back" | "forward" | "backward" }
  | { type: "set_all"; shapes: readonly Shape[] }
  | { type: "describe_image"; attributes: Labels["attributes"] }
  | { type: "propose"; shapes: readonly Shape[] }
  | { type: "accept" | "reject"; ids: readonly string[] };

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
  switch (edit.type) {
    case "describe_image":
      return { ...labels, attributes: edit.attributes };
    case "propose":
      return { ...labels, proposals: edit.shapes };
    case "accept":
    case "reject":
      return judged(labels, edit.type, edit.ids);
    case "replace":
    case "remove":
      return changedOne(labels, edit);
    default:
      return withShapes(labels, changedShapes(labels.shapes, edit));
  }
}

/** Accepted proposals become labels as they are, with the model's name and score. */
function judged(labels: Labels, verdict: "accept" | "reject", ids: readonly string[]): Labels {
  const meant = labels.proposals.filter(({ id }) => ids.includes(id));
  if (meant.length === 0) return labels;
  const proposals = labels.proposals.filter((shape) => !meant.includes(shape));
  return { ...labels, proposals, shapes: verdict === "accept" ? [...labels.shapes, ...meant] : labels.shapes };
}

/** Changing a proposal accepts it as changed; removing it rejects it. */
function changedOne(labels: Labels, edit: Edit & { type: "replace" | "remove" }): Labels {
  const id = edit.type === "replace" ? edit.shape.id : edit.id;
  if (!labels.proposals.some((shape) => shape.id === id)) {
    return withShapes(labels, changedShapes(labels.shapes, edit));
  }
  const proposals = labels.proposals.filter((shape) => shape.id !== id);
  const shapes = edit.type === "replace" ? [...labels.shapes, edit.shape] : labels.shapes;
  return { ...labels, proposals, shapes };
}

function withShapes(labels: Labels, shapes: readonly Shape[]): Labels {
  return shapes === labels.shapes ? labels : { ...labels, shapes };
}

type ShapeEdit = Extract<Edit, { type: "add" | "replace" | "remove" | "reorder" | "set_all" }>;

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
