import { boxCovers, type Box, type Point } from "./geometry/points";
import { coverage, covers } from "./hits";
import type { Shape } from "./shapes";

/** Finds shapes by place without asking every one: boxes sorted into square cells. */
export interface HitGrid {
  /** The smallest shape under a point, so that one inside another can be picked. */
  at: (point: Point, reach: number) => Shape | null;
  /** All shapes that touch a box, in drawing order. */
  within: (box: Box) => readonly Shape[];
}

const CELLS_PER_SIDE = 48;

/** Builds the grid once per change of shapes; a query then looks at a few cells only. */
export function buildHitGrid(shapes: readonly Shape[], extent: number): HitGrid {
  const cell = Math.max(extent / CELLS_PER_SIDE, 1);
  const cells = new Map<number, number[]>();
  shapes.forEach(({ bbox }, i) => {
    if (bbox !== null) eachCell(bbox, cell, (key) => { insert(cells, key, i); });
  });
  const near = (box: Box): readonly number[] => {
    const found = new Set<number>();
    eachCell(box, cell, (key) => cells.get(key)?.forEach((i) => found.add(i)));
    return [...found].sort((a, b) => a - b);
  };
  return {
    at(point, reach) {
      const around: Box = [point.x - reach, point.y - reach, point.x + reach, point.y + reach];
      const hits = near(around).flatMap((i) => shapes[i] ?? []).filter((shape) => covers(shape, point, reach));
      return hits.reduce<Shape | null>((best, shape) => (best === null || coverage(shape) <= coverage(best) ? shape : best), null);
    },
    within(box) {
      return near(box).flatMap((i) => shapes[i] ?? []).filter((shape) => shape.bbox !== null && overlap(shape.bbox, box));
    },
  };
}

function eachCell([x1, y1, x2, y2]: Box, cell: number, visit: (key: number) => void): void {
  const index = (value: number) => Math.min(Math.max(Math.floor(value / cell), 0), CELLS_PER_SIDE);
  for (let row = index(y1); row <= index(y2); row += 1) {
    for (let column = index(x1); column <= index(x2); column += 1) visit(row * 64 + column);
  }
}

function insert(cells: Map<number, number[]>, key: number, value: number): void {
  const list = cells.get(key);
  if (list === undefined) cells.set(key, [value]);
  else list.push(value);
}

function overlap(a: Box, [x1, y1, x2, y2]: Box): boolean {
  return boxCovers(a, { x: Math.min(Math.max(a[0], x1), x2), y: Math.min(Math.max(a[1], y1), y2) }, 0);
}
