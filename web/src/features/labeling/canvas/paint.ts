import type { Context } from "konva/lib/Context";

import { handlePoints } from "./boxes";
import type { Box, Point, Shape } from "./shapes";

export type Colors = ReadonlyMap<string, string>;

export const OTHER_COLOR = "#8a94a3";
/** With more shapes than this the name tags would hide the image. */
const MAX_TAGS = 250;

/** Paints all shapes: one path per category, so that thousands cost few strokes. */
export function paintShapes(
  context: Context,
  shapes: readonly Shape[],
  colors: Colors,
  scale: number,
): void {
  for (const [category, members] of byCategory(shapes)) {
    const color = colors.get(category) ?? OTHER_COLOR;
    context.beginPath();
    members.forEach((shape) => { trace(context, shape); });
    context.setAttr("lineWidth", 2 / scale);
    context.setAttr("strokeStyle", color);
    context.setAttr("fillStyle", `${color}1f`);
    context.fill();
    context.stroke();
  }
  if (shapes.length <= MAX_TAGS) {
    shapes.forEach((shape) => { paintTag(context, shape, colors, scale); });
  }
}

function byCategory(shapes: readonly Shape[]): Map<string, Shape[]> {
  const groups = new Map<string, Shape[]>();
  for (const shape of shapes) {
    if (shape.bbox === null && shape.kind === "class") continue;
    const members = groups.get(shape.category);
    if (members === undefined) groups.set(shape.category, [shape]);
    else members.push(shape);
  }
  return groups;
}

/** Adds a shape's outline to the current path. */
function trace(context: Context, shape: Shape): void {
  if (Array.isArray(shape.segmentation)) {
    shape.segmentation.forEach((ring: unknown) => {
      if (Array.isArray(ring)) traceRing(context, ring as number[], shape.kind !== "polyline");
    });
  } else if (shape.bbox !== null && shape.kind !== "keypoints") {
    const [x1, y1, x2, y2] = shape.bbox;
    context.rect(x1, y1, x2 - x1, y2 - y1);
  }
  shape.keypoints?.forEach(([x, y, visibility]) => {
    if (visibility > 0) context.rect(x - 2, y - 2, 4, 4);
  });
}

function traceRing(context: Context, ring: readonly number[], closed: boolean): void {
  for (let i = 0; i + 1 < ring.length; i += 2) {
    const [x, y] = [ring[i] ?? 0, ring[i + 1] ?? 0];
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  if (closed) context.closePath();
}

function paintTag(context: Context, shape: Shape, colors: Colors, scale: number): void {
  if (shape.bbox === null) return;
  const [x1, y1, x2] = shape.bbox;
  if ((x2 - x1) * scale < 26) return;
  const score = shape.score === null ? "" : ` ${shape.score.toFixed(2)}`;
  const text = `${shape.category}${score}`;
  const size = 11 / scale;
  const height = 16 / scale;
  context.setAttr("font", `600 ${String(size)}px Inter, "Segoe UI", Roboto, Arial, sans-serif`);
  const width = context.measureText(text).width + 8 / scale;
  const top = y1 - height < 0 ? y1 : y1 - height;
  context.setAttr("fillStyle", colors.get(shape.category) ?? OTHER_COLOR);
  context.fillRect(x1 - 1 / scale, top, width, height);
  context.setAttr("fillStyle", inkOn(colors.get(shape.category) ?? OTHER_COLOR));
  context.setAttr("textBaseline", "middle");
  context.fillText(text, x1 + 3 / scale, top + height / 2);
}

/** Black or white, whichever reads better on a colour given as #rrggbb. */
export function inkOn(color: string): string {
  const value = Number.parseInt(color.slice(1, 7), 16);
  const luminance =
    0.299 * ((value >> 16) & 255) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return luminance > 150 ? "#10141a" : "#ffffff";
}

/** Paints the box in hand: bright outline and handles. */
export function paintSelected(context: Context, box: Box, color: string, scale: number, handles: boolean): void {
  const [x1, y1, x2, y2] = box;
  context.setAttr("fillStyle", `${color}2e`);
  context.fillRect(x1, y1, x2 - x1, y2 - y1);
  context.setAttr("lineWidth", 4.5 / scale);
  context.setAttr("strokeStyle", "#ffffffd9");
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  context.setAttr("lineWidth", 2.5 / scale);
  context.setAttr("strokeStyle", color);
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  if (!handles) return;
  const side = 8 / scale;
  context.setAttr("lineWidth", 1.5 / scale);
  context.setAttr("fillStyle", "#ffffff");
  for (const { x, y } of Object.values(handlePoints(box))) {
    context.fillRect(x - side / 2, y - side / 2, side, side);
    context.strokeRect(x - side / 2, y - side / 2, side, side);
  }
}

/** Paints two hair lines through the cursor while a box is about to be drawn. */
export function paintCrosshair(context: Context, at: Point, image: { width: number; height: number }, scale: number): void {
  context.setAttr("lineWidth", 1 / scale);
  for (const color of ["#000000a6", "#ffffffcc"]) {
    context.setAttr("strokeStyle", color);
    context.setLineDash(color === "#ffffffcc" ? [4 / scale, 4 / scale] : []);
    context.beginPath();
    context.moveTo(0, at.y);
    context.lineTo(image.width, at.y);
    context.moveTo(at.x, 0);
    context.lineTo(at.x, image.height);
    context.stroke();
  }
  context.setLineDash([]);
}
