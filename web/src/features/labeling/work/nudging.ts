import { boxBetween, isLargeEnough } from "../canvas/geometry/boxes";
import type { Point } from "../canvas/geometry/points";
import { pointsOf } from "../canvas/geometry/rings";
import { cornersOf, resizedByCorner } from "../canvas/geometry/rotated";
import { draggedGrip, type Grip } from "../canvas/grips";
import { movedShape, staysInside, withBox, withRings } from "../canvas/reshape";
import { ringsOf, type Shape } from "../canvas/shapes";
import type { Desk } from "./commands";
import { editable } from "./commandsEdit";

/** Arrow keys: moves the corner in hand or the whole shape, or resizes it by its lower right corner. */
export function nudgeSelected(by: Point, resize: boolean, desk: Desk): void {
  const shape = editable(desk);
  if (shape === null) return;
  const { grip } = desk.drawing.interaction.get();
  const place = grip === null ? null : placeOf(shape, grip);
  const moved =
    grip !== null && place !== null
      ? draggedGrip(shape, grip, { x: place.x + by.x, y: place.y + by.y }, desk.image)
      : resize
        ? resized(shape, by, desk)
        : movedShape(shape, by, desk.image);
  if (moved !== shape) desk.drawing.edit({ type: "replace", shape: moved });
}

function placeOf(shape: Shape, grip: Grip): Point | null {
  if (grip.type === "vertex") return pointsOf(ringsOf(shape)[grip.ring] ?? [])[grip.index] ?? null;
  if (grip.type !== "keypoint") return null;
  const point = shape.keypoints?.[grip.index];
  return point === undefined ? null : { x: point[0], y: point[1] };
}

function resized(shape: Shape, by: Point, { image }: Desk): Shape {
  if (shape.kind === "rotated_box") return resizedRotated(shape, by, image);
  if (shape.kind !== "box" || shape.bbox === null) return shape;
  const [x1, y1, x2, y2] = shape.bbox;
  const box = boxBetween({ x: x1, y: y1 }, { x: x2 + by.x, y: y2 + by.y }, image);
  return isLargeEnough(box) ? withBox(shape, box) : shape;
}

function resizedRotated(shape: Shape, by: Point, image: Desk["image"]): Shape {
  const corners = cornersOf(ringsOf(shape)[0] ?? []);
  if (corners === null) return shape;
  const [, , last] = corners;
  const rings = [resizedByCorner(corners, 2, { x: last.x + by.x, y: last.y + by.y })];
  return staysInside(rings, image) ? withRings(shape, rings) : shape;
}
