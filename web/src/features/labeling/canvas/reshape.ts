import { boundsOf, type Box, clampTo, limitedShift, type Point, type Size } from "./geometry/points";
import { boundsOfRings, type Ring, shiftedRing } from "./geometry/rings";
import { fromRle, toRle } from "./masks/bitmap";
import type { Rle } from "./masks/rle";
import { type Keypoint, keypointBounds, type Shape, ringsOf, touched } from "./shapes";

/** Moves a whole shape without letting it leave the image or change its form. */
export function movedShape(shape: Shape, by: Point, image: Size): Shape {
  if (shape.bbox === null) return shape;
  const shift = limitedShift(shape.bbox, by, image);
  if (shape.kind === "mask") return movedMask(shape, shift, image);
  const [x1, y1, x2, y2] = shape.bbox;
  const rings = ringsOf(shape);
  return touched({
    ...shape,
    bbox: [x1 + shift.x, y1 + shift.y, x2 + shift.x, y2 + shift.y],
    segmentation: rings.length === 0 ? shape.segmentation : rings.map((ring) => shiftedRing(ring, shift)),
    keypoints: shape.keypoints && shape.keypoints.map((point) => shiftedKeypoint(point, shift)),
  });
}

/** Masks move by whole pixels. */
function movedMask(shape: Shape, shift: Point, image: Size): Shape {
  const [dx, dy] = [Math.round(shift.x), Math.round(shift.y)];
  if (shape.segmentation === null || shape.bbox === null || (dx === 0 && dy === 0)) return shape;
  const bitmap = fromRle(shape.segmentation as Rle);
  const [x1, y1, x2, y2] = shape.bbox;
  return touched({
    ...shape,
    bbox: [x1 + dx, y1 + dy, x2 + dx, y2 + dy],
    segmentation: toRle({ ...bitmap, x: bitmap.x + dx, y: bitmap.y + dy }, image),
    keypoints: shape.keypoints && shape.keypoints.map((point) => shiftedKeypoint(point, { x: dx, y: dy })),
  });
}

function shiftedKeypoint([x, y, seen]: Keypoint, by: Point): Keypoint {
  return [x + by.x, y + by.y, seen];
}

/** The shape with other corners; its box follows. */
export function withRings(shape: Shape, rings: readonly Ring[]): Shape {
  return touched({ ...shape, segmentation: rings, bbox: boundsOfRings(rings) });
}

export function withBox(shape: Shape, bbox: Box): Shape {
  return touched({ ...shape, bbox });
}

/** The shape with other keypoints; the box of a plain pose follows. */
export function withKeypoints(shape: Shape, keypoints: readonly Keypoint[]): Shape {
  const bbox = shape.kind === "keypoints" ? (keypointBounds(keypoints) ?? shape.bbox) : shape.bbox;
  return touched({ ...shape, keypoints, bbox });
}

/** A turned box whose corners would leave the image is refused by keeping it as it was. */
export function staysInside(rings: readonly Ring[], image: Size): boolean {
  const bounds = boundsOfRings(rings);
  if (bounds === null) return false;
  const [x1, y1, x2, y2] = bounds;
  return x1 >= 0 && y1 >= 0 && x2 <= image.width && y2 <= image.height;
}

/** A copy beside the original, as far as the image allows. */
export function copied(shape: Shape, id: string, by: Point, image: Size): Shape {
  return { ...touched(movedShape(shape, by, image)), id, externalId: null };
}

/** All corners inside the image. */
export function clampedRing(points: readonly Point[], image: Size): Point[] {
  return points.map((point) => clampTo(point, image));
}

/** The box around several shapes; null where none has one. */
export function boundsOfShapes(shapes: readonly Shape[]): Box | null {
  return boundsOf(
    shapes.flatMap(({ bbox }) =>
      bbox === null ? [] : [{ x: bbox[0], y: bbox[1] }, { x: bbox[2], y: bbox[3] }],
    ),
  );
}
