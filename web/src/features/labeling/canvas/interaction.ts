import { boxBetween, type Handle, isLargeEnough, moveBox, resizeBox } from "./boxes";
import type { Edit } from "./history";
import { boxShape, type Box, type Point, type Shape, type Size } from "./shapes";

/** What the pointer is doing. Points and boxes are in image pixels. */
export type Gesture =
  | { type: "none" }
  | { type: "drawing"; from: Point; box: Box }
  | { type: "moving"; shape: Shape; from: Point; box: Box }
  | { type: "resizing"; shape: Shape; handle: Handle; box: Box };

export interface Interaction {
  gesture: Gesture;
  selected: string | null;
  /** The next drag draws a box, even when it starts on another one. */
  armed: boolean;
}

/** What lies under the pointer, found by the hit grid. */
export interface Under {
  shape: Shape | null;
  handle: Handle | null;
}

export interface Canvas {
  image: Size;
  category: string;
  /** Boxes may be drawn: a detection project and a task that is open to this user. */
  drawable: boolean;
  /** Nothing may be changed. */
  locked: boolean;
}

export type PointerEvent =
  | { type: "down"; at: Point; under: Under }
  | { type: "move"; at: Point }
  | { type: "up"; at: Point }
  | { type: "cancel" };

export interface Outcome {
  state: Interaction;
  edits: readonly Edit[];
}

export const AT_REST: Interaction = { gesture: { type: "none" }, selected: null, armed: false };

/** One step of the pointer: the next state, and the edits that it completes. */
export function step(state: Interaction, event: PointerEvent, canvas: Canvas): Outcome {
  switch (event.type) {
    case "down":
      return still(press(state, event.at, event.under, canvas));
    case "move":
      return still({ ...state, gesture: drag(state.gesture, event.at, canvas.image) });
    case "up":
      return release({ ...state, gesture: drag(state.gesture, event.at, canvas.image) }, canvas);
    case "cancel":
      return still({ ...state, gesture: { type: "none" }, armed: false });
  }
}

function still(state: Interaction): Outcome {
  return { state, edits: [] };
}

function press(state: Interaction, at: Point, under: Under, canvas: Canvas): Interaction {
  const draws = canvas.drawable && !canvas.locked;
  const begin: Gesture = { type: "drawing", from: at, box: boxBetween(at, at, canvas.image) };
  if (state.armed && draws) return { ...state, selected: null, gesture: begin };
  const { shape, handle } = under;
  if (shape === null) {
    return { ...state, selected: null, gesture: draws ? begin : { type: "none" } };
  }
  const editable = !canvas.locked && shape.kind === "box" && shape.bbox !== null;
  if (!editable || shape.bbox === null) return { ...state, selected: shape.id, gesture: { type: "none" } };
  const box = shape.bbox;
  const gesture: Gesture =
    handle !== null
      ? { type: "resizing", shape, handle, box }
      : { type: "moving", shape, from: at, box };
  return { ...state, selected: shape.id, gesture };
}

function drag(gesture: Gesture, at: Point, image: Size): Gesture {
  switch (gesture.type) {
    case "none":
      return gesture;
    case "drawing":
      return { ...gesture, box: boxBetween(gesture.from, at, image) };
    case "moving": {
      const by = { x: at.x - gesture.from.x, y: at.y - gesture.from.y };
      return { ...gesture, box: moveBox(boxOf(gesture.shape, gesture.box), by, image) };
    }
    case "resizing":
      return {
        ...gesture,
        box: resizeBox(boxOf(gesture.shape, gesture.box), gesture.handle, at, image),
      };
  }
}

function boxOf(shape: Shape, otherwise: Box): Box {
  return shape.bbox ?? otherwise;
}

function release(state: Interaction, canvas: Canvas): Outcome {
  const { gesture } = state;
  const rest: Interaction = { ...state, gesture: { type: "none" } };
  if (gesture.type === "none" || !isLargeEnough(gesture.box)) return still(rest);
  if (gesture.type === "drawing") {
    const shape = boxShape(gesture.box, canvas.category);
    return {
      state: { ...rest, armed: false, selected: shape.id },
      edits: [{ type: "add", shape }],
    };
  }
  const unchanged = gesture.box.every((value, i) => value === gesture.shape.bbox?.[i]);
  if (unchanged) return still(rest);
  return { state: rest, edits: [{ type: "replace", shape: touched(gesture.shape, gesture.box) }] };
}

/** A person's change makes a model's box a person's box. */
export function touched(shape: Shape, bbox: Box): Shape {
  return { ...shape, bbox, source: "human", score: null };
}

/** Arrow keys: moves the selected box, or with `resize` its right and lower sides. */
export function nudge(shape: Shape, by: Point, resize: boolean, image: Size): Edit | null {
  if (shape.kind !== "box" || shape.bbox === null) return null;
  const [x1, y1, x2, y2] = shape.bbox;
  const box = resize
    ? boxBetween({ x: x1, y: y1 }, { x: x2 + by.x, y: y2 + by.y }, image)
    : moveBox(shape.bbox, by, image);
  return isLargeEnough(box) ? { type: "replace", shape: touched(shape, box) } : null;
}

/** A box in the middle of what is visible, for those who draw by keyboard. */
export function boxInView(visible: Box, image: Size): Box {
  const [x1, y1, x2, y2] = visible;
  const width = x2 - x1;
  const height = y2 - y1;
  return boxBetween(
    { x: x1 + width / 3, y: y1 + height / 3 },
    { x: x2 - width / 3, y: y2 - height / 3 },
    image,
  );
}
