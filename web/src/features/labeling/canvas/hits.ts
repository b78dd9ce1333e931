import { boxArea, boxCovers, distance, type Point } from "./geometry/points";
import { distanceToRing, insideRings, ringArea } from "./geometry/rings";
import { bitmapOf } from "./masks/cache";
import { isSet } from "./masks/bitmap";
import { isClosed, maskOf, ringsOf, type Shape } from "./shapes";

/** Whether a shape lies under a point; lines and points reach a little further than they are. */
export function covers(shape: Shape, point: Point, reach: number): boolean {
  if (shape.bbox === null || !boxCovers(shape.bbox, point, reach)) return false;
  if (nearKeypoint(shape, point, reach * 2)) return true;
  const mask = maskOf(shape);
  if (mask !== null) return isSet(bitmapOf(mask), point.x, point.y);
  const rings = ringsOf(shape);
  if (rings.length === 0) return shape.kind !== "class";
  if (isClosed(shape) && insideRings(rings, point)) return true;
  return rings.some((ring) => distanceToRing(ring, isClosed(shape), point) <= reach * 2);
}

function nearKeypoint({ keypoints }: Shape, point: Point, reach: number): boolean {
  return (keypoints ?? []).some(([x, y, seen]) => seen > 0 && distance({ x, y }, point) <= reach);
}

/** How much a shape covers, for choosing the smallest of several under a point. */
export function coverage(shape: Shape): number {
  if (shape.bbox === null) return Infinity;
  const rings = ringsOf(shape);
  if (shape.kind === "polyline") return 0;
  return rings.length === 0 ? boxArea(shape.bbox) : rings.reduce((sum, ring) => sum + ringArea(ring), 0);
}
