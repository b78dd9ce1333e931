import type { Point, Size } from "./geometry/points";
import { boxBetween } from "./geometry/boxes";
import { draggedGrip, type Grip } from "./grips";
import { movedShape } from "./reshape";
import type { Keypoint, Shape } from "./shapes";

/** What the pointer is in the middle of. Points are in image pixels. */
export type Gesture =
  | { type: "none" }
  | { type: "rectangle"; from: Point; to: Point; under: string | null }
  | { type: "path"; points: readonly Point[]; to: Point }
  | { type: "pose"; points: readonly Keypoint[]; to: Point }
  | { type: "stroke"; points: readonly Point[]; erase: boolean; target: Shape | null }
  | { type: "moving"; shape: Shape; from: Point; now: Shape }
  | { type: "reshaping"; shape: Shape; grip: Grip; now: Shape };

export const NO_GESTURE: Gesture = { type: "none" };

/** The gesture after the pointer moved. */
export function dragged(gesture: Gesture, at: Point, image: Size): Gesture {
  switch (gesture.type) {
    case "none":
      return gesture;
    case "rectangle":
    case "path":
    case "pose":
      return { ...gesture, to: at };
    case "stroke":
      return { ...gesture, points: [...gesture.points, at] };
    case "moving": {
      const by = { x: at.x - gesture.from.x, y: at.y - gesture.from.y };
      return { ...gesture, now: movedShape(gesture.shape, by, image) };
    }
    case "reshaping":
      return { ...gesture, now: draggedGrip(gesture.shape, gesture.grip, at, image) };
  }
}

/** The rectangle of a gesture inside the image. */
export function rectangleOf(gesture: Gesture & { type: "rectangle" }, image: Size) {
  return boxBetween(gesture.from, gesture.to, image);
}

/** The shape whose old form must not be painted while its new form is in hand. */
export function heldShape(gesture: Gesture): string | null {
  return gesture.type === "moving" || gesture.type === "reshaping" ? gesture.shape.id : null;
}

/** Corners are being set one by one. */
export function isSettingPoints(gesture: Gesture): boolean {
  return gesture.type === "path" || gesture.type === "pose";
}
