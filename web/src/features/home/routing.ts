/** Orthogonal arrows with rounded corners between boxes: pure geometry, in pixels. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export type Side = "left" | "right" | "top" | "bottom";

/** Where an arrow leaves or meets a box: a side and how far along it (0 to 1). */
export interface Anchor {
  side: Side;
  at?: number;
}

const CORNER = 9;
/** The head is drawn beyond the line's end, so the line stops short of the box. */
const HEAD = 5;

/** The points of an arrow: straight where the two sides face each other, else with bends. */
export function route(from: Rect, to: Rect, leave: Anchor, meet: Anchor): Point[] {
  const start = pointOn(from, leave);
  const end = pointOn(to, meet);
  const startFlat = isFlat(leave.side);
  if (startFlat === isFlat(meet.side)) {
    const aligned = align(from, to, leave, meet);
    if (aligned !== null) return aligned;
    return startFlat
      ? bend(start, { x: (start.x + end.x) / 2, y: start.y }, { x: (start.x + end.x) / 2, y: end.y }, end)
      : bend(start, { x: start.x, y: (start.y + end.y) / 2 }, { x: end.x, y: (start.y + end.y) / 2 }, end);
  }
  const corner = startFlat ? { x: end.x, y: start.y } : { x: start.x, y: end.y };
  return [start, corner, end];
}

function bend(...points: Point[]): Point[] {
  return points;
}

function isFlat(side: Side): boolean {
  return side === "left" || side === "right";
}

function pointOn(rect: Rect, { side, at = 0.5 }: Anchor): Point {
  if (side === "left") return { x: rect.x, y: rect.y + rect.height * at };
  if (side === "right") return { x: rect.x + rect.width, y: rect.y + rect.height * at };
  if (side === "top") return { x: rect.x + rect.width * at, y: rect.y };
  return { x: rect.x + rect.width * at, y: rect.y + rect.height };
}

/** One straight line through the middle of what both sides share, if they share enough. */
function align(from: Rect, to: Rect, leave: Anchor, meet: Anchor): Point[] | null {
  if (leave.at !== undefined && meet.at !== undefined) return null;
  const start = pointOn(from, leave);
  const end = pointOn(to, meet);
  if (isFlat(leave.side)) {
    const low = Math.max(from.y, to.y);
    const high = Math.min(from.y + from.height, to.y + to.height);
    if (high - low < 24) return null;
    const y = fixed(leave.at, start.y) ?? fixed(meet.at, end.y) ?? (low + high) / 2;
    return y < low || y > high ? null : [{ x: start.x, y }, { x: end.x, y }];
  }
  const low = Math.max(from.x, to.x);
  const high = Math.min(from.x + from.width, to.x + to.width);
  if (high - low < 24) return null;
  const x = fixed(leave.at, start.x) ?? fixed(meet.at, end.x) ?? (low + high) / 2;
  return x < low || x > high ? null : [{ x, y: start.y }, { x, y: end.y }];
}

function fixed(at: number | undefined, value: number): number | null {
  return at === undefined ? null : value;
}

/** The SVG path of an arrow's line, corners rounded, ending where its head begins. */
export function linePath(points: readonly Point[]): string {
  const [first, ...rest] = shorten(points);
  if (first === undefined) return "";
  const parts = [`M${num(first.x)} ${num(first.y)}`];
  let previous = first;
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    if (next === undefined) {
      parts.push(`L${num(point.x)} ${num(point.y)}`);
    } else {
      const radius = Math.min(CORNER, distance(previous, point) / 2, distance(point, next) / 2);
      const before = toward(point, previous, radius);
      const after = toward(point, next, radius);
      parts.push(`L${num(before.x)} ${num(before.y)}`);
      parts.push(`Q${num(point.x)} ${num(point.y)} ${num(after.x)} ${num(after.y)}`);
    }
    previous = point;
  });
  return parts.join("");
}

/** The arrow's head as a path: two short strokes meeting at the box. */
export function headPath(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return "";
  const size = distance(before, tip) || 1;
  const along = { x: (tip.x - before.x) / size, y: (tip.y - before.y) / size };
  const end = { x: tip.x - along.x, y: tip.y - along.y };
  const wing = (turn: number) => ({
    x: end.x - along.x * 7 - along.y * 4.5 * turn,
    y: end.y - along.y * 7 + along.x * 4.5 * turn,
  });
  const [left, right] = [wing(1), wing(-1)];
  return `M${num(end.x)} ${num(end.y)}L${num(left.x)} ${num(left.y)}L${num(right.x)} ${num(right.y)}Z`;
}

function shorten(points: readonly Point[]): Point[] {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return [...points];
  return [...points.slice(0, -1), toward(tip, before, HEAD)];
}

function toward(from: Point, to: Point, by: number): Point {
  const size = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / size, y: from.y + ((to.y - from.y) * by) / size };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function num(value: number): string {
  return String(Math.round(value * 10) / 10);
}
