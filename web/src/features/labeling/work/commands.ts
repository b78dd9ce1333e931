import type { Board } from "../canvas/board";
import type { Point, Size } from "../canvas/geometry/points";
import type { Tool } from "../canvas/tools";
import type { ActionId } from "../keys/actions";
import type { Command } from "../keys/keymap";
import { arrangeCommands } from "./commandsArrange";
import { editCommands } from "./commandsEdit";
import { judgeHeld } from "./judging";
import { nudgeSelected } from "./nudging";
import type { Deeds } from "./useDeeds";
import type { Drawing } from "./useDrawing";
import { changedLight, type Light } from "./light";

export type Dialog = "none" | "help" | "skip" | "reject";

/** Everything a command may act on. */
export interface Desk {
  drawing: Drawing;
  deeds: Deeds;
  board: Board | null;
  image: Size;
  project: string;
  categories: readonly { name: string }[];
  tools: readonly Tool[];
  /** Labels belong to the whole image; there is nothing to draw. */
  wholeImage: boolean;
  locked: boolean;
  /** A reviewer mends the labels. */
  fixing: boolean;
  startFixing: () => void;
  toggleInstructions: () => void;
  light: Light;
  /** Chooses a class; with `nextOnly` the shape in hand keeps its own. */
  choose: (category: string, nextOnly: boolean) => void;
  repeat: () => void;
  adjust: (light: Light) => void;
  show: (dialog: Dialog) => void;
  /** To the next or the previous image that matches the filter. */
  go: (by: 1 | -1) => void;
}

type Deed = (desk: Desk) => void;

const VIEW: Partial<Record<ActionId, Deed>> = {
  fit: ({ board }) => board?.fit(),
  actual_size: ({ board }) => board?.actualSize(),
  zoom_in: ({ board }) => board?.zoom(1.25),
  zoom_out: ({ board }) => board?.zoom(0.8),
  instructions: ({ toggleInstructions }) => { toggleInstructions(); },
  help: ({ show }) => { show("help"); },
};

const FINISH: Partial<Record<ActionId, Deed>> = {
  enter: finishOrSubmit,
  cancel: letGo,
  suggest: ({ deeds }) => { deeds.suggest(); },
  accept: ({ deeds }) => { deeds.accept(); },
  fix: ({ startFixing }) => { startFixing(); },
  skip: ({ show }) => { show("skip"); },
  reject: ({ show }) => { show("reject"); },
  next_image: ({ go }) => { go(1); },
  previous_image: ({ go }) => { go(-1); },
  press: ({ board, wholeImage, locked }) => { if (!wholeImage && !locked) board?.pressCursor(); },
  repeat: ({ repeat, wholeImage, locked }) => { if (!wholeImage && !locked) repeat(); },
  skip_point: ({ board }) => board?.send({ type: "skip_point" }),
};

const DEEDS: Partial<Record<ActionId, Deed>> = { ...VIEW, ...FINISH, ...editCommands, ...arrangeCommands };

/** Does what a key or a button asked for. */
export function runCommand(command: Command, desk: Desk): void {
  if (command.type === "category") {
    const category = desk.categories[command.index];
    if (category !== undefined) desk.choose(category.name, command.nextOnly);
  } else if (command.type === "nudge") {
    nudge(command, command.resize, desk);
  } else if (command.type.startsWith("tool_")) {
    const tool = command.type.slice("tool_".length) as Tool;
    if (desk.tools.includes(tool)) desk.drawing.take(tool);
  } else {
    desk.adjust(changedLight(desk.light, command.type));
    DEEDS[command.type]?.(desk);
  }
}

/** Arrows move the cross-hair of a tool that is about to draw, and else what is in hand. */
function nudge(by: Point, resize: boolean, desk: Desk): void {
  const { drawing, board, locked, wholeImage } = desk;
  if (locked || wholeImage) return;
  const { gesture, tool } = drawing.interaction.get();
  const draws = tool !== "select" && (gesture.type !== "none" || drawing.selected === null);
  if (draws) board?.moveCursor(by);
  else nudgeSelected(by, resize, desk);
}

function finishOrSubmit(desk: Desk): void {
  const { drawing, board, deeds } = desk;
  if (drawing.interaction.get().gesture.type !== "none") board?.send({ type: "finish" });
  else if (judgeHeld("accept", desk)) return;
  else if (desk.fixing) deeds.fix();
  else deeds.submit();
}

function letGo(desk: Desk): void {
  const { drawing, board } = desk;
  const { gesture, grip, selected } = drawing.interaction.get();
  if (gesture.type !== "none" || grip !== null) board?.send({ type: "cancel" });
  else if (judgeHeld("reject", desk)) return;
  else if (selected !== null) drawing.select(null);
  else drawing.take("select");
}
