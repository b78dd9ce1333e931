import { pathShape, poseShape, rectangleShape, strokeEdit } from "./completion";
import { boxArea, clampTo, distance, type Point, type Size } from "./geometry/points";
import { dragged, type Gesture, NO_GESTURE } from "./gestures";
import { type Grip, taken, withoutGrip } from "./grips";
import type { Edit } from "./history";
import type { Shape } from "./shapes";
import type { Tool } from "./tools";

export interface Interaction {
  tool: Tool;
  gesture: Gesture;
  selected: string | null;
  /** The corner of the selected shape that keys move and remove. */
  grip: Grip | null;
  /** Of the brush, in image pixels. */
  radius: number;
}

/** What lies under the pointer. */
export interface Under {
  shape: Shape | null;
  /** A grip of the selected shape. */
  grip: Grip | null;
}

/** What a step depends on besides the pointer. */
export interface Setting {
  image: Size;
  category: string;
  /** The selected shape. */
  held: Shape | null;
  /** Nothing may be changed. */
  locked: boolean;
  /** Shapes that may not be changed. */
  isPinned: (shape: Shape) => boolean;
  /** How near is near, in image pixels. */
  reach: number;
  /** Of the class' skeleton; null where any number may be placed. */
  numKeypoints: number | null;
}

export type PointerStep =
  | { type: "down"; at: Point; under: Under; remove?: boolean; hidden?: boolean }
  | { type: "move"; at: Point }
  | { type: "up"; at: Point }
  | { type: "finish" | "drop_point" | "skip_point" | "cancel" };

export interface Outcome {
  state: Interaction;
  edits: readonly Edit[];
  /** Where a comment shall be pinned. */
  pin?: Point;
}

export const AT_REST: Interaction = {
  tool: "select",
  gesture: NO_GESTURE,
  selected: null,
  grip: null,
  radius: 8,
};

/** A selected shape that covers more of the image than this is not moved by a drawing tool. */
const LARGE = 0.2;

/** One step of the pointer: the next state, and the edits that it completes. */
export function step(state: Interaction, event: PointerStep, setting: Setting): Outcome {
  switch (event.type) {
    case "down":
      return press(state, event, setting);
    case "move":
      return still({ ...state, gesture: dragged(state.gesture, event.at, setting.image) });
    case "up":
      return release(state, event.at, setting);
    case "finish":
      return finish(state, setting);
    case "drop_point":
      return still({ ...state, gesture: withoutLast(state.gesture) });
    case "skip_point":
      return state.gesture.type === "pose" ? addKeypoint(state, state.gesture, [0, 0, 0], setting) : still(state);
    case "cancel":
      return still({ ...state, gesture: NO_GESTURE, grip: null });
  }
}

function still(state: Interaction): Outcome {
  return { state, edits: [] };
}

type Press = PointerStep & { type: "down" };

function press(state: Interaction, event: Press, setting: Setting): Outcome {
  const { at, under } = event;
  const { gesture, tool } = state;
  if (gesture.type === "path") return extendPath(state, gesture, at, setting);
  if (gesture.type === "pose") {
    return addKeypoint(state, gesture, [...inside(at, setting), event.hidden ? 1 : 2], setting);
  }
  if (tool === "comment") return { ...still(state), pin: clampTo(at, setting.image) };
  if (setting.locked) return still(selecting(state, under.shape));
  if (setting.held !== null && !setting.isPinned(setting.held)) {
    if (under.grip !== null) return takeGrip(state, setting.held, under.grip, event);
    if (under.shape?.id === setting.held.id && movesBody(tool, setting)) return still(moving(state, setting.held, at));
  }
  if (tool === "select") {
    const chosen = selecting(state, under.shape);
    const { shape } = under;
    return still(shape === null || setting.isPinned(shape) ? chosen : moving(chosen, shape, at));
  }
  return begin(state, event, setting);
}

function inside(at: Point, setting: Setting): [number, number] {
  const { x, y } = clampTo(at, setting.image);
  return [x, y];
}

function selecting(state: Interaction, shape: Shape | null): Interaction {
  return { ...state, selected: shape?.id ?? null, grip: null, gesture: NO_GESTURE };
}

function moving(state: Interaction, shape: Shape, from: Point): Interaction {
  return { ...state, grip: null, gesture: { type: "moving", shape, from, now: shape } };
}

/** A small shape in hand can be moved while boxes are drawn; a large one is drawn upon. */
export function movesBody(tool: Tool, { held, image }: Pick<Setting, "held" | "image">): boolean {
  if (held?.bbox == null) return false;
  if (tool === "select") return true;
  const small = boxArea(held.bbox) < LARGE * image.width * image.height;
  return small && (tool === "box" || tool === "rotated_box");
}

function takeGrip(state: Interaction, held: Shape, grip: Grip, event: Press): Outcome {
  if (event.remove) {
    const shape = withoutGrip(held, grip);
    return { state: { ...state, grip: null }, edits: shape === null ? [] : [{ type: "replace", shape }] };
  }
  const start = taken(held, grip, event.at);
  return still({
    ...state,
    grip: start.grip,
    gesture: { type: "reshaping", shape: start.shape, grip: start.grip, now: start.shape },
  });
}

function begin(state: Interaction, { at, under, hidden }: Press, setting: Setting): Outcome {
  const free: Interaction = { ...state, selected: null, grip: null };
  switch (state.tool) {
    case "polygon":
    case "polyline":
      return still({ ...free, gesture: { type: "path", points: [clampTo(at, setting.image)], to: at } });
    case "keypoints":
      return addKeypoint(free, { type: "pose", points: [], to: at }, [...inside(at, setting), hidden ? 1 : 2], setting);
    case "brush":
    case "eraser": {
      const erase = state.tool === "eraser";
      const target = maskInHand(setting) ?? (erase && under.shape?.kind === "mask" ? under.shape : null);
      return still({ ...state, grip: null, gesture: { type: "stroke", points: [at], erase, target } });
    }
    default:
      return still({ ...free, gesture: { type: "rectangle", from: at, to: at, under: under.shape?.id ?? null } });
  }
}

/** A stroke goes on with the selected mask, unless it is locked. */
function maskInHand({ held, isPinned }: Setting): Shape | null {
  return held?.kind === "mask" && !isPinned(held) ? held : null;
}

function extendPath(state: Interaction, gesture: Gesture & { type: "path" }, at: Point, setting: Setting): Outcome {
  const [first] = gesture.points;
  const closes = state.tool === "polygon" && gesture.points.length >= 3 && first !== undefined;
  if (closes && distance(first, at) <= setting.reach) return finish(state, setting);
  const points = [...gesture.points, clampTo(at, setting.image)];
  return still({ ...state, gesture: { ...gesture, points, to: at } });
}

function addKeypoint(
  state: Interaction,
  gesture: Gesture & { type: "pose" },
  point: readonly [number, number, number],
  setting: Setting,
): Outcome {
  const next: Gesture = { ...gesture, points: [...gesture.points, point] };
  const placed = { ...state, gesture: next };
  return next.points.length === setting.numKeypoints ? finish(placed, setting) : still(placed);
}

function release(state: Interaction, at: Point, setting: Setting): Outcome {
  const gesture = dragged(state.gesture, at, setting.image);
  const rest: Interaction = { ...state, gesture: NO_GESTURE };
  switch (gesture.type) {
    case "none":
      return still(state);
    case "path":
    case "pose":
      return still({ ...state, gesture });
    case "rectangle":
      return releaseRectangle(rest, gesture, setting);
    case "stroke":
      return added(rest, strokeEdit(gesture, state.radius, setting));
    case "moving":
    case "reshaping":
      return gesture.now === gesture.shape || sameForm(gesture.now, setting.held)
        ? still(rest)
        : { state: rest, edits: [{ type: "replace", shape: gesture.now }] };
  }
}

function sameForm(now: Shape, before: Shape | null): boolean {
  const form = ({ bbox, segmentation, keypoints }: Shape) => JSON.stringify([bbox, segmentation, keypoints]);
  return before !== null && now.id === before.id && form(now) === form(before);
}

function releaseRectangle(rest: Interaction, gesture: Gesture & { type: "rectangle" }, setting: Setting): Outcome {
  const shape = rectangleShape(rest.tool, gesture, setting);
  return shape === null ? still({ ...rest, selected: gesture.under }) : added(rest, { type: "add", shapes: [shape] });
}

/** The new shape comes into hand, so that it can be corrected at once. */
function added(rest: Interaction, edit: Edit | null): Outcome {
  if (edit === null) return still(rest);
  if (edit.type === "add") return { state: { ...rest, selected: edit.shapes.at(-1)?.id ?? null }, edits: [edit] };
  return { state: edit.type === "remove" ? { ...rest, selected: null } : rest, edits: [edit] };
}

function finish(state: Interaction, setting: Setting): Outcome {
  const { gesture, tool } = state;
  if (gesture.type === "rectangle" || gesture.type === "stroke") {
    return release(state, gesture.type === "rectangle" ? gesture.to : (gesture.points.at(-1) ?? { x: 0, y: 0 }), setting);
  }
  if (gesture.type !== "path" && gesture.type !== "pose") return still(state);
  const shape = gesture.type === "path" ? pathShape(tool, gesture.points, setting) : poseShape(gesture, setting);
  if (shape === null) return still(state);
  return added({ ...state, gesture: NO_GESTURE }, { type: "add", shapes: [shape] });
}

function withoutLast(gesture: Gesture): Gesture {
  if (gesture.type !== "path" && gesture.type !== "pose") return gesture;
  if (gesture.points.length <= 1) return NO_GESTURE;
  return gesture.type === "path"
    ? { ...gesture, points: gesture.points.slice(0, -1) }
    : { ...gesture, points: gesture.points.slice(0, -1) };
}
