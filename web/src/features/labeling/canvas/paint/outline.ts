import type { Ring } from "../geometry/rings";
import type { Bones } from "./look";
import { isClosed, ringsOf, type Shape } from "../shapes";

/** Adds a shape's outline to the current path. */
export function trace(context: CanvasRenderingContext2D, shape: Shape, scale: number): void {
  const rings = ringsOf(shape);
  if (rings.length > 0) rings.forEach((ring) => { traceRing(context, ring, isClosed(shape)); });
  else if (shape.bbox !== null && shape.kind === "box") {
    const [x1, y1, x2, y2] = shape.bbox;
    context.rect(x1, y1, x2 - x1, y2 - y1);
  }
  shape.keypoints?.forEach(([x, y, seen]) => {
    if (seen > 0) traceDot(context, x, y, 3.5 / scale);
  });
}

/** Adds the lines of a skeleton between keypoints that are set. */
export function traceBones(context: CanvasRenderingContext2D, points: readonly Joint[], bones: Bones): void {
  for (const [from, to] of bones) {
    const [a, b] = [points[from], points[to]];
    if (a === undefined || b === undefined || a[2] === 0 || b[2] === 0) continue;
    context.moveTo(a[0], a[1]);
    context.lineTo(b[0], b[1]);
  }
}

type Joint = readonly [x: number, y: number, visibility: number];

export function traceRing(context: CanvasRenderingContext2D, ring: Ring, closed: boolean): void {
  for (let i = 0; i + 1 < ring.length; i += 2) {
    const [x, y] = [ring[i] ?? 0, ring[i + 1] ?? 0];
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  if (closed) context.closePath();
}

export function traceDot(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.moveTo(x + radius, y);
  context.arc(x, y, radius, 0, 2 * Math.PI);
}
