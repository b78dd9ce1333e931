import type { Point, Size } from "./shapes";

/** How image pixels map to screen pixels: screen = image * scale + (x, y). */
export interface Viewport {
  scale: number;
  x: number;
  y: number;
}

const MARGIN = 20;
/** The controls of the view float over the lower edge. */
const FOOT = 48;
const MIN_SCALE = 0.02;
const MAX_SCALE = 64;

/** The whole image, centred above the floating controls; small images are not blown up past 8 times. */
export function fit(image: Size, stage: Size): Viewport {
  const scale = Math.min(
    (stage.width - 2 * MARGIN) / image.width,
    (stage.height - 2 * MARGIN - FOOT) / image.height,
    8,
  );
  const safe = clampScale(scale);
  return {
    scale: safe,
    x: (stage.width - image.width * safe) / 2,
    y: (stage.height - FOOT - image.height * safe) / 2,
  };
}

/** Zooms so that the image point under the cursor stays under it. */
export function zoomAt(view: Viewport, at: Point, factor: number): Viewport {
  const scale = clampScale(view.scale * factor);
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

export function pan(view: Viewport, by: Point): Viewport {
  return { ...view, x: view.x + by.x, y: view.y + by.y };
}

export function toImage(view: Viewport, point: Point): Point {
  return { x: (point.x - view.x) / view.scale, y: (point.y - view.y) / view.scale };
}

export function toScreen(view: Viewport, point: Point): Point {
  return { x: point.x * view.scale + view.x, y: point.y * view.scale + view.y };
}

/** The CSS transform that turns pixels painted under one viewport into another. */
export function cssBetween(painted: Viewport, wanted: Viewport): string {
  const ratio = wanted.scale / painted.scale;
  const x = wanted.x - painted.x * ratio;
  const y = wanted.y - painted.y * ratio;
  return `matrix(${String(ratio)}, 0, 0, ${String(ratio)}, ${String(x)}, ${String(y)})`;
}

function clampScale(scale: number): number {
  return Math.min(Math.max(scale, MIN_SCALE), MAX_SCALE);
}
