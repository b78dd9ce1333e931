import { boundsOf, type Box, type Point, type Size } from "../geometry/points";
import { type Bitmap, emptyBitmap } from "./bitmap";

/** The pixels whose centres a round brush touches on its way; null when it stays outside. */
export function strokeBitmap(points: readonly Point[], radius: number, image: Size): Bitmap | null {
  const bounds = boundsOf(points);
  if (bounds === null) return null;
  const [x1, y1, x2, y2] = bounds;
  const bitmap = emptyBitmap([x1 - radius, y1 - radius, x2 + radius, y2 + radius], image);
  if (bitmap.pixels.length === 0) return null;
  points.forEach((to, i) => { fillCapsule(bitmap, points[i - 1] ?? to, to, radius); });
  return bitmap;
}

function fillCapsule(bitmap: Bitmap, from: Point, to: Point, radius: number): void {
  const first = Math.max(Math.floor(Math.min(from.y, to.y) - radius), bitmap.y);
  const last = Math.min(Math.ceil(Math.max(from.y, to.y) + radius), bitmap.y + bitmap.height) - 1;
  for (let y = first; y <= last; y += 1) {
    const span = spanAt(from, to, radius, y + 0.5);
    if (span === null) continue;
    const start = Math.max(Math.ceil(span[0] - 0.5) - bitmap.x, 0);
    const end = Math.min(Math.floor(span[1] - 0.5) - bitmap.x + 1, bitmap.width);
    if (end > start) bitmap.pixels.fill(1, (y - bitmap.y) * bitmap.width + start, (y - bitmap.y) * bitmap.width + end);
  }
}

/** Where a line at height `y` crosses the swept disc: a convex shape, so one span. */
function spanAt(from: Point, to: Point, radius: number, y: number): readonly [number, number] | null {
  const xs = [...discAt(from, radius, y), ...discAt(to, radius, y), ...bandAt(from, to, radius, y)];
  return xs.length === 0 ? null : [Math.min(...xs), Math.max(...xs)];
}

function discAt(centre: Point, radius: number, y: number): readonly number[] {
  const rest = radius ** 2 - (y - centre.y) ** 2;
  return rest < 0 ? [] : [centre.x - Math.sqrt(rest), centre.x + Math.sqrt(rest)];
}

/** Crossings with the two long sides of the rectangle between the discs. */
function bandAt(from: Point, to: Point, radius: number, y: number): readonly number[] {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length === 0 || dy === 0) return [];
  const crossings: number[] = [];
  for (const side of [-radius, radius]) {
    const [ox, oy] = [(-dy / length) * side, (dx / length) * side];
    const along = (y - from.y - oy) / dy;
    if (along >= 0 && along <= 1) crossings.push(from.x + ox + along * dx);
  }
  return crossings;
}

/** The area that a stroke touches, for repainting. */
export function strokeBox(points: readonly Point[], radius: number): Box | null {
  const bounds = boundsOf(points);
  if (bounds === null) return null;
  const [x1, y1, x2, y2] = bounds;
  return [x1 - radius, y1 - radius, x2 + radius, y2 + radius];
}
