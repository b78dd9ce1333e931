import type { components } from "@/api/schema";

import { isRle, type Rle } from "./rle";

type Annotation = components["schemas"]["AnnotationOut"];

/** A label of an image as something that can be drawn, in pixels of the upright image. */
export interface Shape {
  id: string;
  category: string;
  kind: Annotation["kind"];
  /** Corners as x, y, x, y ...; several where a shape has several parts. */
  rings: readonly (readonly number[])[];
  closed: boolean;
  mask: Rle | null;
  points: readonly (readonly [x: number, y: number])[];
  /** Where its name is written: top left. */
  anchor: readonly [x: number, y: number];
  /** How wide it is; names of narrow shapes would cover their neighbours. */
  width: number;
  /** Set where a model made it. */
  score: number | null;
}

/** Those labels that lie somewhere in the image, as shapes; classes of the whole image are none. */
export function readShapes(annotations: readonly Annotation[]): Shape[] {
  return annotations.flatMap((annotation) => {
    const { id, category, kind, score } = annotation;
    if (kind === "class") return [];
    const { bbox, segmentation } = annotation;
    const points = seenPoints(annotation);
    const rings = readRings(annotation);
    const mask = isRle(segmentation) ? segmentation : null;
    const [left, top, right] = bbox ?? extentOf(rings, points);
    const place = { anchor: [left, top] as const, width: right - left };
    return [{ id, category, kind, rings, closed: kind !== "polyline", mask, points, score, ...place }];
  });
}

function readRings({ kind, bbox, segmentation }: Annotation): readonly number[][] {
  if (Array.isArray(segmentation) && segmentation.length > 0) {
    return segmentation.filter((ring): ring is number[] => Array.isArray(ring));
  }
  if (bbox === null || kind === "mask" || kind === "keypoints") return [];
  const [x1, y1, x2, y2] = bbox;
  return [[x1, y1, x2, y1, x2, y2, x1, y2]];
}

/** Key points that are labeled at all; COCO's visibility 0 means that they are not. */
function seenPoints({ keypoints }: Annotation): [number, number][] {
  return (keypoints ?? []).flatMap(([x, y, visibility]) => (visibility > 0 ? [[x, y]] : []));
}

/** Left, top and right of what has no box. */
function extentOf(rings: readonly number[][], points: readonly [number, number][]): [number, number, number] {
  const flat = [...rings.flat(), ...points.flat()];
  if (flat.length === 0) return [0, 0, 0];
  const xs = flat.filter((_, index) => index % 2 === 0);
  const ys = flat.filter((_, index) => index % 2 === 1);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs)];
}
