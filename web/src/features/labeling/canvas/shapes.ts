import type { components } from "@/api/schema";

export type AnnotationOut = components["schemas"]["AnnotationOut"];
export type AnnotationIn = components["schemas"]["AnnotationIn"];

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

/** One annotation on the canvas; a new one carries a made-up id until the server names it. */
export interface Shape {
  id: string;
  category: string;
  kind: AnnotationOut["kind"];
  bbox: Box | null;
  segmentation: AnnotationOut["segmentation"];
  keypoints: AnnotationOut["keypoints"];
  attributes: Record<string, unknown>;
  score: number | null;
  source: AnnotationOut["source"];
}

const NEW = "new-";
let made = 0;

export function newId(): string {
  made += 1;
  return `${NEW}${String(made)}`;
}

export function boxShape(bbox: Box, category: string): Shape {
  return {
    id: newId(),
    category,
    kind: "box",
    bbox,
    segmentation: null,
    keypoints: null,
    attributes: {},
    score: null,
    source: "human",
  };
}

export function classShape(category: string): Shape {
  return { ...boxShape([0, 0, 0, 0], category), kind: "class", bbox: null };
}

export function fromAnnotation(annotation: AnnotationOut): Shape {
  const { id, category, kind, bbox, segmentation, keypoints, attributes, score, source } = annotation;
  return { id, category, kind, bbox, segmentation, keypoints, attributes, score, source };
}

export function toAnnotation(shape: Shape): AnnotationIn {
  const { id, bbox, ...rest } = shape;
  return { ...rest, id: id.startsWith(NEW) ? null : id, bbox: bbox === null ? null : [...bbox] };
}

/** Two shapes that the server would store alike, ids aside. */
function alike(shape: Shape, annotation: AnnotationOut): boolean {
  const near = (a: Box | null, b: Box | null) =>
    a === b || (a !== null && b !== null && a.every((value, i) => Math.abs(value - (b[i] ?? 0)) < 0.01));
  return (
    shape.category === annotation.category &&
    shape.kind === annotation.kind &&
    near(shape.bbox, annotation.bbox)
  );
}

/** Maps made-up ids of sent shapes to the ids under which the server stored them. */
export function adoptedIds(
  sent: readonly Shape[],
  received: readonly AnnotationOut[],
): ReadonlyMap<string, string> {
  const known = new Set(sent.map((shape) => shape.id));
  const free = received.filter((annotation) => !known.has(annotation.id));
  const ids = new Map<string, string>();
  for (const shape of sent.filter((item) => item.id.startsWith(NEW))) {
    const index = free.findIndex((annotation) => alike(shape, annotation));
    const [match] = index < 0 ? [] : free.splice(index, 1);
    if (match !== undefined) ids.set(shape.id, match.id);
  }
  return ids;
}

/** The same shapes under other ids. */
export function renamed(
  shapes: readonly Shape[],
  ids: ReadonlyMap<string, string>,
): readonly Shape[] {
  if (ids.size === 0) return shapes;
  return shapes.map((shape) => ({ ...shape, id: ids.get(shape.id) ?? shape.id }));
}
