/** Axis-aligned box: x1, y1, x2, y2 in pixels of the upright image. */
export type Box = readonly [number, number, number, number];

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export function clampTo({ x, y }: Point, image: Size): Point {
  return { x: Math.min(Math.max(x, 0), image.width), y: Math.min(Math.max(y, 0), image.height) };
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** How far a point lies from the line between two others. */
export function distanceToSegment(point: Point, a: Point, b: Point): number {
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  if (length === 0) return distance(point, a);
  const along = ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length;
  const at = Math.min(Math.max(along, 0), 1);
  return distance(point, { x: a.x + at * (b.x - a.x), y: a.y + at * (b.y - a.y) });
}

/** Turns a point about a centre; positive angles go clockwise on the screen. */
export function rotatedAbout({ x, y }: Point, centre: Point, radians: number): Point {
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const [dx, dy] = [x - centre.x, y - centre.y];
  return { x: centre.x + dx * cosine - dy * sine, y: centre.y + dx * sine + dy * cosine };
}

export function boxArea([x1, y1, x2, y2]: Box): number {
  return Math.max(x2 - x1, 0) * Math.max(y2 - y1, 0);
}

export function boxCovers([x1, y1, x2, y2]: Box, { x, y }: Point, reach: number): boolean {
  return x >= x1 - reach && x <= x2 + reach && y >= y1 - reach && y <= y2 + reach;
}

/** The smallest box around points; null without any. */
export function boundsOf(points: readonly Point[]): Box | null {
  if (points.length === 0) return null;
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    x1 = Math.min(x1, x);
    y1 = Math.min(y1, y);
    x2 = Math.max(x2, x);
    y2 = Math.max(y2, y);
  }
  return [x1, y1, x2, y2];
}

/** How far a box may move at most when it shall stay inside the image. */
export function limitedShift([x1, y1, x2, y2]: Box, by: Point, image: Size): Point {
  return {
    x: Math.min(Math.max(by.x, -x1), image.width - x2),
    y: Math.min(Math.max(by.y, -y1), image.height - y2),
  };
}
