import type { Box, Size } from "../geometry/points";
import { encodeCounts, type Rle, runsOf } from "./rle";

/** The pixels of a mask in a window of the image, row by row; 1 is inside. */
export interface Bitmap {
  x: number;
  y: number;
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** An empty window over whole pixels inside the image. */
export function emptyBitmap([x1, y1, x2, y2]: Box, image: Size): Bitmap {
  const x = Math.max(Math.floor(x1), 0);
  const y = Math.max(Math.floor(y1), 0);
  const width = Math.max(Math.min(Math.ceil(x2), image.width) - x, 0);
  const height = Math.max(Math.min(Math.ceil(y2), image.height) - y, 0);
  return { x, y, width, height, pixels: new Uint8Array(width * height) };
}

/** The same pixels in a window that also holds another one. */
export function grown(bitmap: Bitmap, other: Bitmap): Bitmap {
  const x = Math.min(bitmap.x, other.x);
  const y = Math.min(bitmap.y, other.y);
  const width = Math.max(bitmap.x + bitmap.width, other.x + other.width) - x;
  const height = Math.max(bitmap.y + bitmap.height, other.y + other.height) - y;
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < bitmap.height; row += 1) {
    const from = row * bitmap.width;
    const to = (row + bitmap.y - y) * width + bitmap.x - x;
    pixels.set(bitmap.pixels.subarray(from, from + bitmap.width), to);
  }
  return { x, y, width, height, pixels };
}

/** Adds the pixels of a stroke, or takes them away. */
export function combined(bitmap: Bitmap, stroke: Bitmap, erase: boolean): Bitmap {
  const result = grown(bitmap, stroke);
  for (let row = 0; row < stroke.height; row += 1) {
    const to = (row + stroke.y - result.y) * result.width + stroke.x - result.x;
    for (let column = 0; column < stroke.width; column += 1) {
      if (stroke.pixels[row * stroke.width + column] === 1) result.pixels[to + column] = erase ? 0 : 1;
    }
  }
  return result;
}

export function isSet(bitmap: Bitmap, x: number, y: number): boolean {
  const [column, row] = [Math.floor(x) - bitmap.x, Math.floor(y) - bitmap.y];
  if (column < 0 || row < 0 || column >= bitmap.width || row >= bitmap.height) return false;
  return bitmap.pixels[row * bitmap.width + column] === 1;
}

/** The box around the pixels that are set; null when none is. */
export function contentBox({ x, y, width, height, pixels }: Bitmap): Box | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if (pixels[row * width + column] !== 1) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = row;
    }
  }
  return right < 0 ? null : [x + left, y + top, x + right + 1, y + bottom + 1];
}

/** Number of pixels that are set. */
export function areaOf({ pixels }: Bitmap): number {
  return pixels.reduce((sum, value) => sum + value, 0);
}

/** Encodes as COCO RLE; only the window is looked at, whatever the image's size. */
export function toRle(bitmap: Bitmap, image: Size): Rle {
  const runs: number[] = [];
  let inside = 0;
  let length = bitmap.x * image.height;
  const below = image.height - bitmap.y - bitmap.height;
  const extend = (value: number, pixels: number) => {
    if (pixels === 0) return;
    if (value === inside) {
      length += pixels;
      return;
    }
    runs.push(length);
    inside = value;
    length = pixels;
  };
  for (let column = 0; column < bitmap.width; column += 1) {
    extend(0, bitmap.y);
    for (let row = 0; row < bitmap.height; row += 1) {
      extend(bitmap.pixels[row * bitmap.width + column] ?? 0, 1);
    }
    extend(0, below);
  }
  extend(0, (image.width - bitmap.x - bitmap.width) * image.height);
  runs.push(length);
  return { size: [image.height, image.width], counts: encodeCounts(runs) };
}

/** Decodes COCO RLE into the smallest window around its pixels. */
export function fromRle(rle: Rle): Bitmap {
  const [height, width] = rle.size;
  const runs = runsOf(rle);
  const box = boundsOfRuns(runs, height);
  const bitmap = emptyBitmap(box ?? [0, 0, 0, 0], { width, height });
  eachRun(runs, (start, end) => {
    for (let at = start; at < end; at += 1) {
      const column = Math.floor(at / height) - bitmap.x;
      const row = (at % height) - bitmap.y;
      bitmap.pixels[row * bitmap.width + column] = 1;
    }
  });
  return bitmap;
}

function boundsOfRuns(runs: readonly number[], height: number): Box | null {
  let [left, top, right, bottom] = [Infinity, height, -1, -1];
  eachRun(runs, (start, end) => {
    const [first, last] = [Math.floor(start / height), Math.floor((end - 1) / height)];
    left = Math.min(left, first);
    right = Math.max(right, last);
    // A run over more than one column touches the image's lower and upper border.
    top = first === last ? Math.min(top, start % height) : 0;
    bottom = first === last ? Math.max(bottom, (end - 1) % height) : height - 1;
  });
  return right < 0 ? null : [left, top, right + 1, bottom + 1];
}

function eachRun(runs: readonly number[], visit: (start: number, end: number) => void): void {
  let at = 0;
  runs.forEach((run, i) => {
    if (i % 2 === 1 && run > 0) visit(at, at + run);
    at += run;
  });
}
