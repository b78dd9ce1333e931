import type { components } from "@/api/schema";

import { boundsOf, type Box, type Point } from "./geometry/points";
import { boundsOfRings, type Ring, ringOf } from "./geometry/rings";
import type { Rle } from "./masks/rle";

export type AnnotationOut = components["schemas"]["AnnotationOut"];
export type AnnotationIn = components["schemas"]["AnnotationIn"];
export type Kind = AnnotationOut["kind"];

/** x, y and COCO's visibility: 0 not labeled, 1 hidden, 2 visible. */
export type Keypoint = readonly [x: number, y: number, visibility: number];

/** One annotation on the canvas; its id never changes while the image is open. */
export interface Shape {
  id: string;
  category: string;
  kind: Kind;
  bbox: Box | null;
  /** Corners of polygons and lines, or the pixels of a mask. */
  segmentation: readonly Ring[] | Rle | null;
  keypoints: readonly Keypoint[] | null;
  attributes: Readonly<Record<string, unknown>>;
  score: number | null;
  source: AnnotationOut["source"];
  externalId: string | null;
}

const NEW = "new-";
let made = 0;

export function newId(): string {
  made += 1;
  return `${NEW}${String(made)}-${Date.now().toString(36)}`;
}

type Geometry = Pick<Shape, "kind"> & Partial<Pick<Shape, "bbox" | "segmentation" | "keypoints">>;

/** A shape that a person has just drawn. */
export function newShape(category: string, geometry: Geometry): Shape {
  return {
    id: newId(),
    category,
    bbox: null,
    segmentation: null,
    keypoints: null,
    attributes: {},
    score: null,
    source: "human",
    externalId: null,
    ...geometry,
  };
}

export function boxShape(bbox: Box, category: string): Shape {
  return newShape(category, { kind: "box", bbox });
}

export function classShape(category: string): Shape {
  return newShape(category, { kind: "class" });
}

export function ringShape(kind: "polygon" | "polyline" | "rotated_box", points: readonly Point[], category: string): Shape {
  const ring = ringOf(points);
  return newShape(category, { kind, segmentation: [ring], bbox: boundsOfRings([ring]) });
}

export function keypointsShape(keypoints: readonly Keypoint[], category: string): Shape {
  return newShape(category, { kind: "keypoints", keypoints, bbox: keypointBounds(keypoints) });
}

export function keypointBounds(keypoints: readonly Keypoint[]): Box | null {
  return boundsOf(keypoints.filter(([, , seen]) => seen > 0).map(([x, y]) => ({ x, y })));
}

/** The corners of a polygon, a line or a rotated box; none for other shapes. */
export function ringsOf({ segmentation }: Shape): readonly Ring[] {
  return segmentation === null || isRle(segmentation) ? [] : segmentation;
}

export function maskOf({ segmentation }: Shape): Rle | null {
  return segmentation !== null && isRle(segmentation) ? segmentation : null;
}

function isRle(segmentation: readonly Ring[] | Rle): segmentation is Rle {
  return "counts" in segmentation;
}

/** Whether the first and the last corner are joined. */
export function isClosed({ kind }: Shape): boolean {
  return kind !== "polyline";
}

export function fromAnnotation(annotation: AnnotationOut): Shape {
  const { id, category, kind, bbox, keypoints, attributes, score, source } = annotation;
  const segmentation = annotation.segmentation as Shape["segmentation"];
  const externalId = annotation.external_id;
  return { id, category, kind, bbox, segmentation, keypoints, attributes, score, source, externalId };
}

type Suggested = components["schemas"]["SuggestedAnnotation"];

/** A model's proposal as a shape that nobody has saved yet. */
export function fromSuggestion(suggested: Suggested): Shape {
  const { category, kind, bbox, keypoints, attributes, score, source } = suggested;
  const segmentation = suggested.segmentation as Shape["segmentation"];
  const box = bbox as Box | null;
  return { ...newShape(category, { kind, bbox: box, segmentation, keypoints }), attributes, score, source };
}

/** What is sent; `names` holds the server's ids of shapes that were drawn here. */
export function toAnnotation(shape: Shape, names: ReadonlyMap<string, string> = new Map()): AnnotationIn {
  const { id, bbox, externalId, segmentation, keypoints, ...rest } = shape;
  return {
    ...rest,
    id: names.get(id) ?? (id.startsWith(NEW) ? null : id),
    bbox: bbox === null ? null : [...bbox],
    segmentation: segmentation as AnnotationIn["segmentation"],
    keypoints: keypoints as AnnotationIn["keypoints"],
    external_id: externalId,
  };
}

/** A person's change makes a model's shape a person's shape. */
export function touched(shape: Shape): Shape {
  return { ...shape, source: "human", score: null };
}
