import { type Handle, handlePoints, isLargeEnough, resizeBox } from "./geometry/boxes";
import { clampTo, type Point, type Size } from "./geometry/points";
import { edgesOf, pointsOf, withoutVertex, withVertex, withVertexAfter } from "./geometry/rings";
import { cornersOf, resizedByCorner, turnedTowards, turningPoint } from "./geometry/rotated";
import { staysInside, withBox, withKeypoints, withRings } from "./reshape";
import { isClosed, ringsOf, type Shape } from "./shapes";

/** A place of a shape that can be taken hold of. */
export type Grip =
  | { type: "handle"; handle: Handle }
  | { type: "vertex"; ring: number; index: number }
  | { type: "edge"; ring: number; index: number }
  | { type: "corner"; index: number }
  | { type: "turn" }
  | { type: "keypoint"; index: number };

export interface PlacedGrip {
  grip: Grip;
  at: Point;
}

/** The handle for turning floats this many screen pixels above a rotated box. */
const TURN_PX = 26;
/** Edges shorter than this many screen pixels have no room for a handle between their ends. */
const MIN_EDGE_PX = 26;

/** The grips of a shape, in the order in which they win; `scale` is screen pixels per image pixel. */
export function gripsOf(shape: Shape, scale: number): readonly PlacedGrip[] {
  return [...keypointGrips(shape), ...outlineGrips(shape, scale)];
}

function keypointGrips(shape: Shape): PlacedGrip[] {
  return (shape.keypoints ?? []).flatMap(([x, y, seen], index) =>
    seen > 0 ? [{ grip: { type: "keypoint" as const, index }, at: { x, y } }] : [],
  );
}

function outlineGrips(shape: Shape, scale: number): PlacedGrip[] {
  switch (shape.kind) {
    case "box":
      return shape.bbox === null ? [] : boxGrips(handlePoints(shape.bbox));
    case "rotated_box":
      return rotatedGrips(shape, scale);
    case "polygon":
    case "polyline":
      return [...vertexGrips(shape), ...edgeGrips(shape, scale)];
    default:
      return [];
  }
}

function boxGrips(points: Record<Handle, Point>): PlacedGrip[] {
  const order: Handle[] = ["nw", "ne", "se", "sw", "n", "e", "s", "w"];
  return order.map((handle) => ({ grip: { type: "handle", handle }, at: points[handle] }));
}

function rotatedGrips(shape: Shape, scale: number): PlacedGrip[] {
  const corners = cornersOf(ringsOf(shape)[0] ?? []);
  if (corners === null) return [];
  const places = corners.map((at, index) => ({ grip: { type: "corner" as const, index }, at }));
  return [{ grip: { type: "turn" }, at: turningPoint(corners, TURN_PX / scale) }, ...places];
}

function vertexGrips(shape: Shape): PlacedGrip[] {
  return ringsOf(shape).flatMap((ring, part) =>
    pointsOf(ring).map((at, index) => ({ grip: { type: "vertex" as const, ring: part, index }, at })),
  );
}

function edgeGrips(shape: Shape, scale: number): PlacedGrip[] {
  return ringsOf(shape).flatMap((ring, part) =>
    edgesOf(ring, isClosed(shape)).flatMap(([a, b], index) =>
      Math.hypot(b.x - a.x, b.y - a.y) * scale < MIN_EDGE_PX
        ? []
        : [{ grip: { type: "edge" as const, ring: part, index }, at: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } }],
    ),
  );
}

/** The grip under a point; `reach` is in image pixels. */
export function gripAt(shape: Shape, point: Point, scale: number, reach: number): Grip | null {
  const near = gripsOf(shape, scale).find(
    ({ at }) => Math.abs(at.x - point.x) <= reach && Math.abs(at.y - point.y) <= reach,
  );
  return near?.grip ?? null;
}

/** Taking hold of an edge makes a vertex there; other grips leave the shape as it is. */
export function taken(shape: Shape, grip: Grip, at: Point): { shape: Shape; grip: Grip } {
  if (grip.type !== "edge") return { shape, grip };
  const rings = ringsOf(shape).map((ring, part) =>
    part === grip.ring ? withVertexAfter(ring, grip.index, at) : ring,
  );
  return { shape: withRings(shape, rings), grip: { type: "vertex", ring: grip.ring, index: grip.index + 1 } };
}

/** Drags a grip to a place. */
export function draggedGrip(shape: Shape, grip: Grip, place: Point, image: Size): Shape {
  const to = clampTo(place, image);
  switch (grip.type) {
    case "handle":
      return resized(shape, grip.handle, to, image);
    case "vertex":
      return withRings(shape, ringsOf(shape).map((ring, i) => (i === grip.ring ? withVertex(ring, grip.index, to) : ring)));
    case "corner":
    case "turn":
      return rotatedDrag(shape, grip, place, image);
    case "keypoint": {
      const points = shape.keypoints ?? [];
      return withKeypoints(shape, points.map((point, i) => (i === grip.index ? [to.x, to.y, point[2]] : point)));
    }
    case "edge":
      return shape;
  }
}

function resized(shape: Shape, handle: Handle, to: Point, image: Size): Shape {
  if (shape.bbox === null) return shape;
  const box = resizeBox(shape.bbox, handle, to, image);
  return isLargeEnough(box) ? withBox(shape, box) : shape;
}

function rotatedDrag(shape: Shape, grip: Grip, to: Point, image: Size): Shape {
  const corners = cornersOf(ringsOf(shape)[0] ?? []);
  if (corners === null) return shape;
  const ring = grip.type === "corner" ? resizedByCorner(corners, grip.index, to) : turnedTowards(corners, to);
  return staysInside([ring], image) ? withRings(shape, [ring]) : shape;
}

/** Removes a vertex; a line keeps two, a polygon three, and null says that it would not. */
export function withoutGrip(shape: Shape, grip: Grip): Shape | null {
  if (grip.type === "keypoint") {
    const points = (shape.keypoints ?? []).map((point, i) => (i === grip.index ? ([0, 0, 0] as const) : point));
    return points.some(([, , seen]) => seen > 0) ? withKeypoints(shape, points) : null;
  }
  if (grip.type !== "vertex") return null;
  const ring = ringsOf(shape)[grip.ring] ?? [];
  const least = shape.kind === "polyline" ? 2 : 3;
  if (ring.length / 2 <= least) return null;
  return withRings(shape, ringsOf(shape).map((other, i) => (i === grip.ring ? withoutVertex(other, grip.index) : other)));
}
