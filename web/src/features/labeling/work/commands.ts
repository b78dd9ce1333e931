import type { CanvasControl } from "../canvas/Canvas";
import { AT_REST, boxInView, nudge } from "../canvas/interaction";
import { boxShape, type Size } from "../canvas/shapes";
import type { Command } from "./shortcuts";
import type { Deeds } from "./useDeeds";
import type { Drawing } from "./useDrawing";

export type Dialog = "none" | "help" | "skip" | "reject";

/** Everything a command may act on. */
export interface Desk {
  drawing: Drawing;
  deeds: Deeds;
  control: CanvasControl | null;
  image: Size;
  category: string;
  categories: readonly { name: string }[];
  /** Labels belong to the whole image; there is nothing to draw. */
  wholeImage: boolean;
  locked: boolean;
  choose: (category: string) => void;
  show: (dialog: Dialog) => void;
}

/** Does what a key or a button asked for. */
export function runCommand(command: Command, desk: Desk): void {
  const { drawing, deeds, control } = desk;
  switch (command.type) {
    case "category": {
      const category = desk.categories[command.index];
      if (category !== undefined) desk.choose(category.name);
      return;
    }
    case "nudge": {
      const { selected } = drawing;
      const change = selected && nudge(selected, command, command.resize, desk.image);
      if (change !== null) drawing.edit(change);
      return;
    }
    case "delete":
      remove(desk);
      return;
    case "new_box":
      newBox(desk);
      return;
    case "cancel":
      cancel(drawing);
      return;
    case "next_shape":
      selectNext(drawing);
      return;
    case "undo":
      drawing.undo();
      return;
    case "redo":
      drawing.redo();
      return;
    case "suggest":
      deeds.suggest();
      return;
    case "submit":
      deeds.submit();
      return;
    case "accept":
      deeds.accept();
      return;
    case "fit":
      control?.fit();
      return;
    case "zoom_in":
      control?.zoom(1.25);
      return;
    case "zoom_out":
      control?.zoom(0.8);
      return;
    case "help":
    case "skip":
    case "reject":
      desk.show(command.type);
  }
}

function remove({ drawing, wholeImage }: Desk): void {
  if (drawing.selected !== null) drawing.edit({ type: "remove", id: drawing.selected.id });
  else if (wholeImage && drawing.shapes.length > 0) drawing.edit({ type: "set_all", shapes: [] });
}

/** Arms drawing; asked again, puts a box into the middle of the view for the arrow keys. */
function newBox({ drawing, control, image, category, wholeImage, locked }: Desk): void {
  if (wholeImage || locked) return;
  if (!drawing.interaction.armed) {
    drawing.interact({ ...drawing.interaction, selected: null, armed: true });
    return;
  }
  const visible = control?.visible();
  if (visible === undefined) return;
  const shape = boxShape(boxInView(visible, image), category);
  drawing.edit({ type: "add", shape });
  drawing.interact({ ...AT_REST, selected: shape.id });
}

function cancel({ interaction, interact }: Drawing): void {
  const idle = !interaction.armed && interaction.gesture.type === "none";
  interact({ ...AT_REST, selected: idle ? null : interaction.selected });
}

function selectNext({ shapes, interaction, select }: Drawing): void {
  const boxes = shapes.filter((shape) => shape.bbox !== null);
  const index = boxes.findIndex((shape) => shape.id === interaction.selected);
  select(boxes[(index + 1) % Math.max(boxes.length, 1)]?.id ?? null);
}
