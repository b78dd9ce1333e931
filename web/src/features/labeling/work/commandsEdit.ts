import { taken, withoutGrip } from "../canvas/grips";
import { copied, withKeypoints, withRings } from "../canvas/reshape";
import { angleOf, cornersOf, turned } from "../canvas/geometry/rotated";
import { pointsOf } from "../canvas/geometry/rings";
import { isSettingPoints } from "../canvas/gestures";
import { newId, ringsOf, type Shape } from "../canvas/shapes";
import { staysInside } from "../canvas/reshape";
import type { ActionId } from "../keys/actions";
import type { Desk } from "./commands";
import { clipboard, keepHabits } from "./memory";

type Deed = (desk: Desk) => void;

const COPY_SHIFT = { x: 12, y: 12 };
const RADIUS_STEP = 1.25;

/** What keys do to the shape in hand. */
export const editCommands: Partial<Record<ActionId, Deed>> = {
  undo: (desk) => { if (!droppedCorner(desk)) desk.drawing.undo(); },
  redo: ({ drawing }) => { drawing.redo(); },
  delete: (desk) => { if (!droppedCorner(desk)) remove(desk); },
  copy: ({ drawing }) => { if (drawing.selected !== null) clipboard.set(drawing.selected); },
  paste: (desk) => { insertCopy(clipboard.get(), desk); },
  duplicate: (desk) => { insertCopy(desk.drawing.selected, desk); },
  next_vertex: (desk) => { takeVertex(desk, 1); },
  previous_vertex: (desk) => { takeVertex(desk, -1); },
  add_vertex: addVertex,
  turn_right: (desk) => { turn(desk, 1); },
  turn_left: (desk) => { turn(desk, -1); },
  hide_point: togglePoint,
  smaller_brush: (desk) => { resizeBrush(desk, 1 / RADIUS_STEP); },
  larger_brush: (desk) => { resizeBrush(desk, RADIUS_STEP); },
};

/** While corners are being set, undoing and deleting mean the last of them. */
function droppedCorner({ drawing, board }: Desk): boolean {
  const setting = isSettingPoints(drawing.interaction.get().gesture);
  if (setting) board?.send({ type: "drop_point" });
  return setting;
}

/** The shape in hand, if it may be changed. */
export function editable({ drawing, locked }: Desk): Shape | null {
  const { selected, marks } = drawing;
  return selected === null || locked || marks.locked.has(selected.id) ? null : selected;
}

function remove(desk: Desk): void {
  const { drawing, wholeImage, locked } = desk;
  const shape = editable(desk);
  const { grip } = drawing.interaction.get();
  if (shape !== null) {
    const smaller = grip === null ? null : withoutGrip(shape, grip);
    if (grip !== null) drawing.interaction.set((now) => ({ ...now, grip: null }));
    if (smaller !== null) drawing.edit({ type: "replace", shape: smaller });
    else if (grip === null) drawing.edit({ type: "remove", id: shape.id });
  } else if (wholeImage && !locked && drawing.shapes.length > 0) drawing.edit({ type: "set_all", shapes: [] });
}

function insertCopy(shape: Shape | null, { drawing, image, locked, categories }: Desk): void {
  if (shape === null || locked || shape.kind === "class") return;
  if (!categories.some(({ name }) => name === shape.category)) return;
  const twin = copied(shape, newId(), COPY_SHIFT, image);
  drawing.edit({ type: "add", shapes: [twin] });
  drawing.select(twin.id);
}

function takeVertex(desk: Desk, by: 1 | -1): void {
  const { drawing } = desk;
  const shape = editable(desk);
  if (shape === null) return;
  const { grip } = drawing.interaction.get();
  if (shape.kind === "keypoints") {
    const seen = (shape.keypoints ?? []).flatMap(([, , visibility], i) => (visibility > 0 ? [i] : []));
    const at = grip?.type === "keypoint" ? seen.indexOf(grip.index) : by === 1 ? -1 : 0;
    const index = seen[(at + by + seen.length) % Math.max(seen.length, 1)];
    if (index !== undefined) drawing.interaction.set((now) => ({ ...now, grip: { type: "keypoint", index } }));
    return;
  }
  if (shape.kind !== "polygon" && shape.kind !== "polyline") return;
  const places = ringsOf(shape).flatMap((ring, part) => pointsOf(ring).map((_, index) => ({ ring: part, index })));
  const now = places.findIndex((place) => grip?.type === "vertex" && place.ring === grip.ring && place.index === grip.index);
  const next = places[(now < 0 && by === -1 ? places.length - 1 : now + by + places.length) % places.length];
  if (next !== undefined) drawing.interaction.set((state) => ({ ...state, grip: { type: "vertex", ...next } }));
}

/** Puts a corner into the middle of the edge behind the one in hand. */
function addVertex(desk: Desk): void {
  const { drawing } = desk;
  const shape = editable(desk);
  const { grip } = drawing.interaction.get();
  if (shape === null || grip?.type !== "vertex") return;
  const points = pointsOf(ringsOf(shape)[grip.ring] ?? []);
  const from = points[grip.index];
  const to = points[grip.index + 1] ?? (shape.kind === "polygon" ? points[0] : undefined);
  if (from === undefined || to === undefined) return;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const result = taken(shape, { type: "edge", ring: grip.ring, index: grip.index }, middle);
  drawing.edit({ type: "replace", shape: result.shape });
  drawing.interaction.set((state) => ({ ...state, grip: result.grip }));
}

function turn(desk: Desk, degrees: number): void {
  const shape = editable(desk);
  if (shape?.kind !== "rotated_box") return;
  const corners = cornersOf(ringsOf(shape)[0] ?? []);
  if (corners === null) return;
  const rings = [turned(corners, (degrees * Math.PI) / 180)];
  if (staysInside(rings, desk.image)) desk.drawing.edit({ type: "replace", shape: withRings(shape, rings) });
}

/** Degrees of a rotated box, for showing. */
export function degreesOf(shape: Shape): number | null {
  const corners = shape.kind === "rotated_box" ? cornersOf(ringsOf(shape)[0] ?? []) : null;
  return corners === null ? null : Math.round((angleOf(corners) * 180) / Math.PI);
}

function togglePoint(desk: Desk): void {
  const shape = editable(desk);
  const { grip } = desk.drawing.interaction.get();
  if (shape === null || grip?.type !== "keypoint") return;
  const points = (shape.keypoints ?? []).map(([x, y, seen], i) => [x, y, i === grip.index ? 3 - seen : seen] as const);
  desk.drawing.edit({ type: "replace", shape: withKeypoints(shape, points) });
}

function resizeBrush({ drawing, project }: Desk, factor: number): void {
  drawing.interaction.set((now) => ({ ...now, radius: Math.min(Math.max(now.radius * factor, 0.5), 500) }));
  keepHabits(project, { radius: drawing.interaction.get().radius });
}
