import { describe, expect, it } from "vitest";

import { areaOf, type Bitmap, combined, contentBox, emptyBitmap, fromRle, isSet, toRle } from "./bitmap";
import { decodeCounts, encodeCounts } from "./rle";
import { strokeBitmap } from "./strokes";

const image = { width: 31, height: 17 };

/** Pixels set by a fixed rule, so that runs of every length occur. */
function pattern(x: number, y: number, width: number, height: number): Bitmap {
  const bitmap = emptyBitmap([x, y, x + width, y + height], image);
  bitmap.pixels.forEach((_, i) => { bitmap.pixels[i] = (i * i + (i >> 2)) % 7 < 3 ? 1 : 0; });
  return bitmap;
}

function setPixels(bitmap: Bitmap): string[] {
  const found: string[] = [];
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) if (isSet(bitmap, x, y)) found.push(`${String(x)},${String(y)}`);
  }
  return found;
}

describe("COCO RLE", () => {
  it("writes what pycocotools writes", () => {
    // As pycocotools 2.0 encodes them. A 4 x 5 mask with rows 1 to 2 and columns 1 to 3 set.
    expect(encodeCounts([5, 2, 2, 2, 2, 2, 5])).toBe("5220003");
    expect(decodeCounts("5220003")).toEqual([5, 2, 2, 2, 2, 2, 5]);
    // A 300 x 200 mask with rows 20 to 249 of columns 30 to 32 and rows 100 to 259 of column 120.
    const large = encodeCounts([9020, 230, 70, 230, 70, 230, 26250, 160, 23740]);
    expect(large).toBe("li8V7V2000Tbi0jMbaM");
  });

  it("keeps runs of every size", () => {
    const runs = [0, 1, 50_000_000, 3, 31, 32, 1023, 7, 1, 1, 900_000];
    expect(decodeCounts(encodeCounts(runs))).toEqual(runs);
  });

  it.each([[0, 0, 31, 17], [5, 3, 20, 9], [30, 16, 1, 1], [0, 10, 4, 7]])("gives back the pixels of a window at %i, %i", (x, y, w, h) => {
    const bitmap = pattern(x, y, w, h);
    const rle = toRle(bitmap, image);
    expect(rle.size).toEqual([17, 31]);
    expect(setPixels(fromRle(rle))).toEqual(setPixels(bitmap));
    const counts = decodeCounts(rle.counts as string);
    expect(counts.reduce((sum, run) => sum + run, 0)).toBe(31 * 17);
  });

  it("reads plain run lengths too, and an empty mask", () => {
    expect(areaOf(fromRle({ size: [17, 31], counts: [20, 3, 504] }))).toBe(3);
    expect(contentBox(fromRle({ size: [17, 31], counts: [527] }))).toBeNull();
  });
});

describe("strokes", () => {
  const large = { width: 200, height: 100 };

  it("cover the pixels whose centres the brush passes", () => {
    const points = [{ x: 40, y: 50 }, { x: 90, y: 70 }, { x: 90, y: 20 }];
    const bitmap = strokeBitmap(points, 6.5, large);
    if (bitmap === null) throw new Error("a stroke inside the image has pixels");
    const near = (x: number, y: number) =>
      Math.min(
        ...[0, 1].map((i) => {
          const [a, b] = [points[i], points[i + 1]];
          if (a === undefined || b === undefined) return Infinity;
          const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
          const at = Math.min(Math.max(((x - a.x) * (b.x - a.x) + (y - a.y) * (b.y - a.y)) / length, 0), 1);
          return Math.hypot(x - a.x - at * (b.x - a.x), y - a.y - at * (b.y - a.y));
        }),
      );
    for (let y = 0; y < large.height; y += 1) {
      for (let x = 0; x < large.width; x += 1) {
        const distance = near(x + 0.5, y + 0.5);
        if (Math.abs(distance - 6.5) > 1e-6) expect(isSet(bitmap, x, y)).toBe(distance < 6.5);
      }
    }
  });

  it("stay inside the image", () => {
    const bitmap = strokeBitmap([{ x: 199, y: 99 }], 10, large);
    expect(bitmap && contentBox(bitmap)).toEqual([189, 89, 200, 100]);
    expect(strokeBitmap([{ x: 900, y: 900 }], 10, large)).toBeNull();
  });

  it("add to a mask and take away from it", () => {
    const dot = strokeBitmap([{ x: 50, y: 50 }], 8, large);
    const other = strokeBitmap([{ x: 70, y: 50 }], 8, large);
    if (dot === null || other === null) throw new Error("dots inside the image have pixels");
    const both = combined(dot, other, false);
    expect(areaOf(both)).toBe(areaOf(dot) + areaOf(other));
    expect(contentBox(combined(both, other, true))).toEqual(contentBox(dot));
    expect(contentBox(combined(dot, dot, true))).toBeNull();
  });
});
