/** A mask as COCO writes it: run lengths down the columns, as numbers or as COCO's own letters. */
export interface Rle {
  size: [height: number, width: number];
  counts: number[] | string;
}

export function isRle(value: unknown): value is Rle {
  return typeof value === "object" && value !== null && "counts" in value && "size" in value;
}

/** Decodes COCO's letters (pycocotools maskApi.c, rleFrString): 5 bits each, differences to the run before last. */
export function readCounts(counts: number[] | string): number[] {
  if (typeof counts !== "string") return counts;
  const runs: number[] = [];
  let at = 0;
  while (at < counts.length) {
    let value = 0;
    let shift = 0;
    let letter: number;
    do {
      letter = counts.charCodeAt(at) - 48;
      value |= (letter & 0x1f) << shift;
      shift += 5;
      at += 1;
    } while (letter & 0x20 && at < counts.length);
    if (letter & 0x10 && shift < 32) value |= -1 << shift;
    runs.push(value + (runs.length > 2 ? (runs.at(-2) ?? 0) : 0));
  }
  return runs;
}

/**
 * A mask sampled to a small picture, without unpacking it at full size.
 *
 * Returns one byte for each pixel, row by row: 1 inside the mask.
 */
export function sampleMask(rle: Rle, width: number, height: number): Uint8Array {
  const [fullHeight, fullWidth] = rle.size;
  const runs = readCounts(rle.counts);
  const sampled = new Uint8Array(width * height);
  let run = 0;
  let end = runs[0] ?? 0;
  for (let x = 0; x < width; x += 1) {
    const column = Math.floor(((x + 0.5) * fullWidth) / width) * fullHeight;
    for (let y = 0; y < height; y += 1) {
      const position = column + Math.floor(((y + 0.5) * fullHeight) / height);
      while (position >= end && run < runs.length) {
        run += 1;
        end += runs[run] ?? 0;
      }
      // Every second run lies inside the mask.
      sampled[y * width + x] = run % 2;
    }
  }
  return sampled;
}
