import { type Rle, sampleMask } from "./rle";
import type { Shape } from "./shapes";

/** How the image lies on the canvas: canvas = image * scale + offset, in pixels of the canvas. */
export interface Placement {
  scale: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Style {
  colors: ReadonlyMap<string, string>;
  /** Width of lines in pixels of the canvas. */
  line: number;
  /** Writes the class beside each shape. */
  names: boolean;
  /** The shape to stand out. */
  lit?: string | null;
}

export const OTHER_COLOR = "#8a94a3";
const FILL_ALPHA = "22";
const LIT_ALPHA = "55";
/** With more shapes than this their names would hide the image. */
const MAX_NAMES = 400;
/** A name may be this much wider than its shape, as 1 / share. */
const LEAST_SHARE = 0.6;

/** Fits an image into a box, centred and whole. */
export function place(image: { width: number; height: number }, box: { width: number; height: number }): Placement {
  const scale = Math.min(box.width / Math.max(image.width, 1), box.height / Math.max(image.height, 1));
  const width = image.width * scale;
  const height = image.height * scale;
  return { scale, left: (box.width - width) / 2, top: (box.height - height) / 2, width, height };
}

/** Paints shapes over an image: masks first, outlines over them, names on top. */
export function paintShapes(context: CanvasRenderingContext2D, shapes: readonly Shape[], at: Placement, style: Style): void {
  for (const shape of shapes) if (shape.mask !== null) paintMask(context, shape, at, style);
  context.save();
  context.translate(at.left, at.top);
  context.scale(at.scale, at.scale);
  for (const shape of shapes) paintOutline(context, shape, at, style);
  context.restore();
  if (!style.names || shapes.length > MAX_NAMES) return;
  for (const shape of shapes) paintName(context, shape, at, style);
}

function colorOf(shape: Shape, style: Style): string {
  return style.colors.get(shape.category) ?? OTHER_COLOR;
}

function paintOutline(context: CanvasRenderingContext2D, shape: Shape, at: Placement, style: Style): void {
  const color = colorOf(shape, style);
  const isLit = shape.id === style.lit;
  context.lineWidth = ((isLit ? 2 : 1) * style.line) / at.scale;
  context.strokeStyle = color;
  context.setLineDash(shape.score === null ? [] : [(4 * style.line) / at.scale, (3 * style.line) / at.scale]);
  if (shape.rings.length > 0) {
    context.beginPath();
    for (const ring of shape.rings) traceRing(context, ring, shape.closed);
    if (shape.closed) {
      context.fillStyle = `${color}${isLit ? LIT_ALPHA : FILL_ALPHA}`;
      context.fill("evenodd");
    }
    context.stroke();
  }
  context.setLineDash([]);
  paintPoints(context, shape, (2 * style.line) / at.scale, color);
}

function traceRing(context: CanvasRenderingContext2D, ring: readonly number[], closed: boolean): void {
  for (let i = 0; i + 1 < ring.length; i += 2) {
    const [x, y] = [ring[i] ?? 0, ring[i + 1] ?? 0];
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  if (closed) context.closePath();
}

function paintPoints(context: CanvasRenderingContext2D, shape: Shape, radius: number, color: string): void {
  context.fillStyle = color;
  context.strokeStyle = "#ffffff";
  context.lineWidth = radius / 3;
  for (const [x, y] of shape.points) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

/** Masks are unpacked once a size and colour; zooming stretches what is there. */
const layers = new WeakMap<Rle, { key: string; layer: OffscreenCanvas }>();
const MAX_LAYER = 1024;

function paintMask(context: CanvasRenderingContext2D, shape: Shape, at: Placement, style: Style): void {
  if (shape.mask === null) return;
  const [fullHeight, fullWidth] = shape.mask.size;
  const shrink = Math.min(1, MAX_LAYER / Math.max(at.width, at.height), Math.max(fullWidth, 1) / at.width);
  const width = Math.max(1, Math.round(at.width * shrink));
  const height = Math.max(1, Math.round(Math.min(at.height * shrink, fullHeight)));
  const color = colorOf(shape, style);
  const alpha = shape.id === style.lit ? 170 : 105;
  const key = `${String(width)} ${String(height)} ${color} ${String(alpha)}`;
  const known = layers.get(shape.mask);
  const layer = known?.key === key ? known.layer : maskLayer(shape.mask, { width, height, color, alpha });
  layers.set(shape.mask, { key, layer });
  context.drawImage(layer, at.left, at.top, at.width, at.height);
}

interface Layer {
  width: number;
  height: number;
  color: string;
  alpha: number;
}

function maskLayer(mask: Rle, { width, height, color, alpha }: Layer): OffscreenCanvas {
  const layer = new OffscreenCanvas(width, height);
  const pixels = new ImageData(width, height);
  const [red, green, blue] = channels(color);
  sampleMask(mask, width, height).forEach((value, index) => {
    if (value === 1) pixels.data.set([red, green, blue, alpha], index * 4);
  });
  layer.getContext("2d")?.putImageData(pixels, 0, 0);
  return layer;
}

function paintName(context: CanvasRenderingContext2D, shape: Shape, at: Placement, style: Style): void {
  const color = colorOf(shape, style);
  const size = 6.5 * style.line;
  const score = shape.score === null ? "" : ` ${shape.score.toFixed(2)}`;
  context.font = `600 ${String(size)}px Inter, "Segoe UI", Roboto, Arial, sans-serif`;
  const text = `${shape.category}${score}`;
  const width = context.measureText(text).width + size * 0.7;
  if (shape.id !== style.lit && shape.width * at.scale < width * LEAST_SHARE) return;
  const height = size * 1.45;
  const left = at.left + shape.anchor[0] * at.scale;
  const above = at.top + shape.anchor[1] * at.scale - height;
  const top = Math.max(above, at.top);
  context.fillStyle = color;
  context.fillRect(left, top, width, height);
  context.fillStyle = inkOn(color);
  context.textBaseline = "middle";
  context.fillText(text, left + size * 0.35, top + height / 2);
}

function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1, 7), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Black or white, whichever reads better on a colour given as #rrggbb. */
function inkOn(color: string): string {
  const [red, green, blue] = channels(color);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150 ? "#10141a" : "#ffffff";
}
