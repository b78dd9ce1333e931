import { isLargeEnough } from "./geometry/boxes";
import type { Box, Point } from "./geometry/points";
import { boundsOfRings, ringOf, withoutRepeats } from "./geometry/rings";
import { cornersOfBox } from "./geometry/rotated";
import { type Gesture, rectangleOf } from "./gestures";
import type { Edit } from "./history";
import type { Setting } from "./interaction";
import { combined, contentBox, toRle } from "./masks/bitmap";
import { bitmapOf } from "./masks/cache";
import { strokeBitmap } from "./masks/strokes";
import { clampedRing } from "./reshape";
import { boxShape, keypointsShape, maskOf, newShape, ringShape, type Shape, touched } from "./shapes";
import type { Tool } from "./tools";

/** A finished rectangle as the shape of its tool; null when it was only a click. */
export function rectangleShape(tool: Tool, gesture: Gesture & { type: "rectangle" }, setting: Setting): Shape | null {
  const box = rectangleOf(gesture, setting.image);
  if (!isLargeEnough(box)) return null;
  return tool === "rotated_box"
    ? ringShape("rotated_box", cornersOfBox(box), setting.category)
    : boxShape(box, setting.category);
}

/** A finished path as a polygon or a line; null while it has too few corners. */
export function pathShape(tool: Tool, points: readonly Point[], setting: Setting): Shape | null {
  const kind = tool === "polyline" ? "polyline" : "polygon";
  const corners = withoutRepeats(clampedRing(points, setting.image), setting.reach / 3);
  if (corners.length < (kind === "polyline" ? 2 : 3)) return null;
  const bounds = boundsOfRings([ringOf(corners)]);
  if (kind === "polygon" && (bounds === null || !isLargeEnough(bounds))) return null;
  return ringShape(kind, corners, setting.category);
}

/** Placed keypoints; those of the skeleton that were not placed count as not labeled. */
export function poseShape(gesture: Gesture & { type: "pose" }, setting: Setting): Shape | null {
  if (!gesture.points.some(([, , seen]) => seen > 0)) return null;
  const missing = Math.max((setting.numKeypoints ?? 0) - gesture.points.length, 0);
  const points = [...gesture.points, ...Array.from({ length: missing }, () => [0, 0, 0] as const)];
  return keypointsShape(points, setting.category);
}

/** What a brush stroke does: a new mask, more or less of an old one, or nothing. */
export function strokeEdit(gesture: Gesture & { type: "stroke" }, radius: number, setting: Setting): Edit | null {
  const stroke = strokeBitmap(gesture.points, radius, setting.image);
  const { target } = gesture;
  const before = target && maskOf(target);
  if (stroke === null || (gesture.erase && before === null)) return null;
  const bitmap = before === null ? stroke : combined(bitmapOf(before), stroke, gesture.erase);
  const bbox: Box | null = contentBox(bitmap);
  if (bbox === null) return target === null ? null : { type: "remove", id: target.id };
  const geometry = { kind: "mask" as const, bbox, segmentation: toRle(bitmap, setting.image) };
  if (target === null) return { type: "add", shapes: [newShape(setting.category, geometry)] };
  return { type: "replace", shape: touched({ ...target, ...geometry }) };
}
