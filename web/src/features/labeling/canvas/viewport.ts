import type { Box, Point, Size } from "./geometry/points";

/** How image pixels map to screen pixels: screen = image * scale + (x, y). */
export interface Viewport {
  scale: number;
  x: number;
  y: number;
}

const MARGIN = 20;
/** Hints float over the upper edge, the controls of the view over the lower one. */
const [HEAD, FOOT] = [28, 48];
const MIN_SCALE = 0.02;
const MAX_SCALE = 64;

/** The whole image, centred above the floating controls; small images are not blown up past 8 times. */
export function fit(image: Size, stage: Size): Viewport {
  const scale = Math.min(
    (stage.width - 2 * MARGIN) / image.width,
    (stage.height - 2 * MARGIN - HEAD - FOOT) / image.height,
    8,
  );
  const safe = clampScale(scale);
  return {
    scale: safe,
    x: (stage.width - image.width * safe) / 2,
    y: (stage.height + HEAD - FOOT - image.height * safe) / 2,
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

/** Moves the view as little as needed for a point of the image to be seen. */
export function revealed(view: Viewport, point: Point, stage: Size): Viewport {
  const at = toScreen(view, point);
  const shift = (value: number, length: number) =>
    value < MARGIN ? MARGIN - value : Math.min(length - MARGIN - value, 0);
  return pan(view, { x: shift(at.x, stage.width), y: shift(at.y, stage.height) });
}

/** The part of the image that a stage shows. */
export function visibleBox(view: Viewport, stage: Size, image: Size): Box {
  const low = toImage(view, { x: 0, y: 0 });
  const high = toImage(view, { x: stage.width, y: stage.height });
  return [
    Math.max(low.x, 0),
    Math.max(low.y, 0),
    Math.min(high.x, image.width),
    Math.min(high.y, image.height),
  ];
}

export function toImage(view: Viewport, point: Point): Point {
  return { x: (point.x - view.x) / view.scale, y: (point.y - view.y) / view.scale };
}

export function toScreen(view: Viewport, point: Point): Point {
  return { x: point.x * view.scale + view.x, y: point.y * view.scale + view.y };
}

/** How pixels painted under one viewport are scaled and shifted to look like another. */
export function between(painted: Viewport, wanted: Viewport): Viewport {
  const scale = wanted.scale / painted.scale;
  return { scale, x: wanted.x - painted.x * scale, y: wanted.y - painted.y * scale };
}

/** The same as a CSS transform. */
export function cssBetween(painted: Viewport, wanted: Viewport): string {
  const { scale, x, y } = between(painted, wanted);
  return `matrix(${String(scale)}, 0, 0, ${String(scale)}, ${String(x)}, ${String(y)})`;
}

function clampScale(scale: number): number {
  return Math.min(Math.max(scale, MIN_SCALE), MAX_SCALE);
}
