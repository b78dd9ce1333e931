import { type Bitmap, fromRle } from "./bitmap";
import type { Rle } from "./rle";

const decoded = new WeakMap<Rle, Bitmap>();

/** The decoded pixels of a mask, kept for as long as the mask itself. */
export function bitmapOf(rle: Rle): Bitmap {
  const known = decoded.get(rle);
  if (known !== undefined) return known;
  const bitmap = fromRle(rle);
  decoded.set(rle, bitmap);
  return bitmap;
}
