import type { Box, Point, Shape } from "./shapes";

/** Finds the shape under a point without asking every shape: boxes sorted into square cells. */
export interface HitGrid {
  at: (point: Point, reach: number) => Shape | null;
}

const CELLS_PER_SIDE = 48;

/** Builds the grid once per change of shapes; a query then looks at one cell only. */
export function buildHitGrid(shapes: readonly Shape[], extent: number): HitGrid {
  const cell = Math.max(extent / CELLS_PER_SIDE, 1);
  const cells = new Map<number, Shape[]>();
  for (const shape of shapes) {
    if (shape.bbox !== null) insert(cells, cell, shape, shape.bbox);
  }
  return {
    at(point, reach) {
      // The smallest box wins, so that a box inside another can be picked.
      let best: Shape | null = null;
      for (const shape of candidates(cells, cell, point, reach)) {
        if (shape.bbox === null || !covers(shape.bbox, point, reach)) continue;
        if (best?.bbox == null || area(shape.bbox) < area(best.bbox)) best = shape;
      }
      return best;
    },
  };
}

function insert(cells: Map<number, Shape[]>, cell: number, shape: Shape, box: Box): void {
  for (let row = index(box[1], cell); row <= index(box[3], cell); row += 1) {
    for (let column = index(box[0], cell); column <= index(box[2], cell); column += 1) {
      const key = keyOf(row, column);
      const list = cells.get(key);
      if (list === undefined) cells.set(key, [shape]);
      else list.push(shape);
    }
  }
}

function candidates(
  cells: ReadonlyMap<number, Shape[]>,
  cell: number,
  point: Point,
  reach: number,
): Set<Shape> {
  const found = new Set<Shape>();
  for (let row = index(point.y - reach, cell); row <= index(point.y + reach, cell); row += 1) {
    for (let column = index(point.x - reach, cell); column <= index(point.x + reach, cell); column += 1) {
      cells.get(keyOf(row, column))?.forEach((shape) => found.add(shape));
    }
  }
  return found;
}

function index(value: number, cell: number): number {
  return Math.floor(value / cell);
}

function keyOf(row: number, column: number): number {
  return row * 65_536 + column;
}

function covers([x1, y1, x2, y2]: Box, { x, y }: Point, reach: number): boolean {
  return x >= x1 - reach && x <= x2 + reach && y >= y1 - reach && y <= y2 + reach;
}

function area([x1, y1, x2, y2]: Box): number {
  return (x2 - x1) * (y2 - y1);
}
