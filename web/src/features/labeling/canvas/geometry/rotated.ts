import type { Box, Point } from "./points";
import { rotatedAbout } from "./points";
import { pointsOf, type Ring, ringOf } from "./rings";

/** The four corners in drawing order, the first edge being the top. */
export type Corners = readonly [Point, Point, Point, Point];

export function cornersOfBox([x1, y1, x2, y2]: Box): Corners {
  return [{ x: x1, y: y1 }, { x: x2, y: y1 }, { x: x2, y: y2 }, { x: x1, y: y2 }];
}

export function cornersOf(ring: Ring): Corners | null {
  const [a, b, c, d] = pointsOf(ring);
  return a && b && c && d ? [a, b, c, d] : null;
}

export function centreOf(corners: Corners): Point {
  return {
    x: corners.reduce((sum, { x }) => sum + x, 0) / 4,
    y: corners.reduce((sum, { y }) => sum + y, 0) / 4,
  };
}

/** The direction of the top edge, clockwise from the x axis. */
export function angleOf([a, b]: Corners): number {
  return Math.atan2(b.y - a.y, b.x - a.x);
}

export function turned(corners: Corners, radians: number): Ring {
  const centre = centreOf(corners);
  return ringOf(corners.map((corner) => rotatedAbout(corner, centre, radians)));
}

/** Where the handle for turning sits: above the middle of the top edge. */
export function turningPoint(corners: Corners, above: number): Point {
  const angle = angleOf(corners);
  const [a, b] = corners;
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  return { x: middle.x + Math.sin(angle) * above, y: middle.y - Math.cos(angle) * above };
}

/** Turns so that the handle for turning points at a place. */
export function turnedTowards(corners: Corners, at: Point): Ring {
  const centre = centreOf(corners);
  const wanted = Math.atan2(at.y - centre.y, at.x - centre.x) + Math.PI / 2;
  return turned(corners, wanted - angleOf(corners));
}

/** Drags one corner; the opposite one stays, and the sides keep their direction. */
export function resizedByCorner(corners: Corners, index: number, to: Point): Ring {
  const angle = angleOf(corners);
  const fixed = corners[(index + 2) % 4] ?? corners[0];
  const level = rotatedAbout(to, fixed, -angle);
  const box: Box = [
    Math.min(fixed.x, level.x),
    Math.min(fixed.y, level.y),
    Math.max(fixed.x, level.x),
    Math.max(fixed.y, level.y),
  ];
  return ringOf(cornersOfBox(box).map((corner) => rotatedAbout(corner, fixed, angle)));
}
