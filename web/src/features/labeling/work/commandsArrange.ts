import type { ActionId } from "../keys/actions";
import type { Desk } from "./commands";
import { toggled } from "./session";

type Deed = (desk: Desk) => void;

/** What keys do to the order and the look of shapes. */
export const arrangeCommands: Partial<Record<ActionId, Deed>> = {
  next_shape: (desk) => { selectBy(desk, 1); },
  previous_shape: (desk) => { selectBy(desk, -1); },
  lock: ({ drawing }) => { toggleMark(drawing, "locked"); },
  hide: ({ drawing }) => { toggleMark(drawing, "hidden"); },
  hide_all: ({ drawing }) => { drawing.mark((marks) => ({ ...marks, allHidden: !marks.allHidden })); },
  forward: (desk) => { reorder(desk, "forward"); },
  backward: (desk) => { reorder(desk, "backward"); },
  front: (desk) => { reorder(desk, "front"); },
  back: (desk) => { reorder(desk, "back"); },
  attributes: () => {
    document.querySelector<HTMLElement>("[data-attributes] input, [data-attributes] textarea")?.focus();
  },
};

function selectBy({ drawing, board }: Desk, by: 1 | -1): void {
  // While a model's proposals wait, the keys go through them.
  const all = drawing.proposals.length > 0 ? drawing.proposals : drawing.shapes;
  const boxes = all.filter((shape) => shape.bbox !== null);
  if (boxes.length === 0) return;
  const index = boxes.findIndex((shape) => shape.id === drawing.selected?.id);
  const start = index < 0 && by === -1 ? 0 : index;
  const next = boxes[(start + by + boxes.length) % boxes.length];
  if (next === undefined) return;
  drawing.select(next.id);
  board?.reveal(next);
}

function toggleMark(drawing: Desk["drawing"], mark: "locked" | "hidden"): void {
  const id = drawing.selected?.id;
  if (id !== undefined) drawing.mark((marks) => ({ ...marks, [mark]: toggled(marks[mark], id) }));
}

function reorder({ drawing, locked }: Desk, to: "front" | "back" | "forward" | "backward"): void {
  if (drawing.selected !== null && !locked) drawing.edit({ type: "reorder", id: drawing.selected.id, to });
}
