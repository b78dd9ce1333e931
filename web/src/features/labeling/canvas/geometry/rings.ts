import { boundsOf, type Box, distanceToSegment, type Point } from "./points";

/** A polygon or a line as the API writes it: x1, y1, x2, y2, ... */
export type Ring = readonly number[];

export function pointsOf(ring: Ring): Point[] {
  const points: Point[] = [];
  for (let i = 0; i + 1 < ring.length; i += 2) points.push({ x: ring[i] ?? 0, y: ring[i + 1] ?? 0 });
  return points;
}

export function ringOf(points: readonly Point[]): Ring {
  return points.flatMap(({ x, y }) => [x, y]);
}

export function boundsOfRings(rings: readonly Ring[]): Box | null {
  return boundsOf(rings.flatMap(pointsOf));
}

export function shiftedRing(ring: Ring, by: Point): Ring {
  return ring.map((value, i) => value + (i % 2 === 0 ? by.x : by.y));
}

/** Whether a point lies inside, by the even-odd rule; holes are rings of their own. */
export function insideRings(rings: readonly Ring[], point: Point): boolean {
  return rings.reduce((inside, ring) => inside !== insideRing(ring, point), false);
}

function insideRing(ring: Ring, { x, y }: Point): boolean {
  let inside = false;
  const points = pointsOf(ring);
  let before = points.at(-1);
  for (const now of points) {
    if (before !== undefined && now.y > y !== before.y > y) {
      if (x < ((before.x - now.x) * (y - now.y)) / (before.y - now.y) + now.x) inside = !inside;
    }
    before = now;
  }
  return inside;
}

/** The edges as pairs of corners; a closed ring ends where it began. */
export function edgesOf(ring: Ring, closed: boolean): (readonly [Point, Point])[] {
  const points = pointsOf(ring);
  const edges = points.slice(1).map((to, i) => [points[i] ?? to, to] as const);
  const [first, last] = [points[0], points.at(-1)];
  if (closed && first !== undefined && last !== undefined) edges.push([last, first]);
  return edges;
}

export function distanceToRing(ring: Ring, closed: boolean, point: Point): number {
  return edgesOf(ring, closed).reduce(
    (least, [a, b]) => Math.min(least, distanceToSegment(point, a, b)),
    Infinity,
  );
}

/** Area in square pixels, by the shoelace formula. */
export function ringArea(ring: Ring): number {
  const twice = edgesOf(ring, true).reduce((sum, [a, b]) => sum + a.x * b.y - b.x * a.y, 0);
  return Math.abs(twice) / 2;
}

export function withVertex(ring: Ring, index: number, at: Point): Ring {
  return ring.map((value, i) => (i >> 1 === index ? (i % 2 === 0 ? at.x : at.y) : value));
}

/** A new vertex behind the one at `index`. */
export function withVertexAfter(ring: Ring, index: number, at: Point): Ring {
  const cut = 2 * (index + 1);
  return [...ring.slice(0, cut), at.x, at.y, ...ring.slice(cut)];
}

export function withoutVertex(ring: Ring, index: number): Ring {
  return ring.filter((_, i) => i >> 1 !== index);
}

/** Drops corners that lie on top of the one before, as a double click leaves them. */
export function withoutRepeats(points: readonly Point[], reach: number): Point[] {
  return points.filter((point, i) => {
    const before = points[i - 1];
    return before === undefined || Math.hypot(point.x - before.x, point.y - before.y) > reach;
  });
}
