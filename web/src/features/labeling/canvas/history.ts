import { renamed, type Shape } from "./shapes";

/** One change of the shapes; everything a person does on the canvas ends as one of these. */
export type Edit =
  | { type: "add"; shape: Shape }
  | { type: "replace"; shape: Shape }
  | { type: "remove"; id: string }
  | { type: "set_all"; shapes: readonly Shape[] };

export interface History {
  past: readonly (readonly Shape[])[];
  present: readonly Shape[];
  future: readonly (readonly Shape[])[];
}

const DEPTH = 200;

export function startHistory(shapes: readonly Shape[]): History {
  return { past: [], present: shapes, future: [] };
}

export function applyEdit(history: History, edit: Edit): History {
  const present = changed(history.present, edit);
  if (present === history.present) return history;
  return { past: [...history.past.slice(-DEPTH), history.present], present, future: [] };
}

function changed(shapes: readonly Shape[], edit: Edit): readonly Shape[] {
  switch (edit.type) {
    case "add":
      return [...shapes, edit.shape];
    case "replace":
      return shapes.map((shape) => (shape.id === edit.shape.id ? edit.shape : shape));
    case "remove":
      return shapes.some((shape) => shape.id === edit.id)
        ? shapes.filter((shape) => shape.id !== edit.id)
        : shapes;
    case "set_all":
      return edit.shapes;
  }
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

/** Gives shapes the ids of the server, in the past and the future too. */
export function renameShapes(history: History, ids: ReadonlyMap<string, string>): History {
  if (ids.size === 0) return history;
  const rename = (shapes: readonly Shape[]) => renamed(shapes, ids);
  return {
    past: history.past.map(rename),
    present: rename(history.present),
    future: history.future.map(rename),
  };
}
