import { type Bitmap } from "../masks/bitmap";
import { bitmapOf } from "../masks/cache";
import type { Rle } from "../masks/rle";

interface Sprite {
  color: string;
  canvas: HTMLCanvasElement;
  bitmap: Bitmap;
}

const sprites = new WeakMap<Rle, Sprite>();
const INNER = 105;

/** A mask as a small picture in its colour, its border stronger than its inside. */
export function paintMask(context: CanvasRenderingContext2D, rle: Rle, color: string, scale: number): void {
  const sprite = spriteOf(rle, color);
  if (sprite === null) return;
  context.imageSmoothingEnabled = scale < 2;
  context.drawImage(sprite.canvas, sprite.bitmap.x, sprite.bitmap.y);
}

function spriteOf(rle: Rle, color: string): Sprite | null {
  const known = sprites.get(rle);
  if (known?.color === color) return known;
  const bitmap = bitmapOf(rle);
  if (bitmap.pixels.length === 0) return null;
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d")?.putImageData(coloured(bitmap, color), 0, 0);
  const sprite = { color, canvas, bitmap };
  sprites.set(rle, sprite);
  return sprite;
}

function coloured(bitmap: Bitmap, color: string): ImageData {
  const { width, height, pixels } = bitmap;
  const value = Number.parseInt(color.slice(1, 7), 16);
  const image = new ImageData(width, height);
  for (let at = 0; at < pixels.length; at += 1) {
    if (pixels[at] !== 1) continue;
    image.data[4 * at] = (value >> 16) & 255;
    image.data[4 * at + 1] = (value >> 8) & 255;
    image.data[4 * at + 2] = value & 255;
    image.data[4 * at + 3] = isBorder(bitmap, at) ? 255 : INNER;
  }
  return image;
}

function isBorder({ width, height, pixels }: Bitmap, at: number): boolean {
  const column = at % width;
  const row = (at - column) / width;
  if (column === 0 || row === 0 || column === width - 1 || row === height - 1) return true;
  return pixels[at - 1] === 0 || pixels[at + 1] === 0 || pixels[at - width] === 0 || pixels[at + width] === 0;
}
