import type { Box, Point, Size } from "./points";

export type Handle = "nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w";

/** A drag that ends smaller than this many image pixels was a click. */
export const MIN_SIDE = 2;

/** The box between two corners, inside the image. */
export function boxBetween(a: Point, b: Point, image: Size): Box {
  const clampX = (x: number) => Math.min(Math.max(x, 0), image.width);
  const clampY = (y: number) => Math.min(Math.max(y, 0), image.height);
  return [
    clampX(Math.min(a.x, b.x)),
    clampY(Math.min(a.y, b.y)),
    clampX(Math.max(a.x, b.x)),
    clampY(Math.max(a.y, b.y)),
  ];
}

export function isLargeEnough([x1, y1, x2, y2]: Box): boolean {
  return x2 - x1 >= MIN_SIDE && y2 - y1 >= MIN_SIDE;
}

/** Drags one handle of a box; crossing the opposite side turns it over. */
export function resizeBox([x1, y1, x2, y2]: Box, handle: Handle, to: Point, image: Size): Box {
  const left = handle.includes("w") ? to.x : x1;
  const right = handle.includes("e") ? to.x : x2;
  const top = handle.includes("n") ? to.y : y1;
  const bottom = handle.includes("s") ? to.y : y2;
  return boxBetween({ x: left, y: top }, { x: right, y: bottom }, image);
}

export function handlePoints([x1, y1, x2, y2]: Box): Record<Handle, Point> {
  const mx = (x1 + x2) / 2;
  const my = (y1 + y2) / 2;
  return {
    nw: { x: x1, y: y1 },
    n: { x: mx, y: y1 },
    ne: { x: x2, y: y1 },
    e: { x: x2, y: my },
    se: { x: x2, y: y2 },
    s: { x: mx, y: y2 },
    sw: { x: x1, y: y2 },
    w: { x: x1, y: my },
  };
}
