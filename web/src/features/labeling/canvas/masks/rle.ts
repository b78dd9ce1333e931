/** A mask as COCO writes it: run lengths down the columns, the first run being background. */
export interface Rle {
  /** Height and width of the image. */
  size: readonly [number, number];
  counts: string | readonly number[];
}

/** Run lengths of either form. */
export function runsOf(rle: Rle): readonly number[] {
  return typeof rle.counts === "string" ? decodeCounts(rle.counts) : rle.counts;
}

/**
 * Writes run lengths as COCO's printable text: each is the difference to the run before the last,
 * in groups of five bits (pycocotools, maskApi.c, rleToString).
 */
export function encodeCounts(runs: readonly number[]): string {
  const text: string[] = [];
  runs.forEach((run, i) => {
    let rest = i > 2 ? run - (runs[i - 2] ?? 0) : run;
    let more = true;
    while (more) {
      let group = rest & 31;
      rest >>= 5;
      more = (group & 16) !== 0 ? rest !== -1 : rest !== 0;
      if (more) group |= 32;
      text.push(String.fromCharCode(group + 48));
    }
  });
  return text.join("");
}

/** Reads what `encodeCounts` writes. */
export function decodeCounts(text: string): readonly number[] {
  const runs: number[] = [];
  let at = 0;
  while (at < text.length) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more && at < text.length) {
      const group = text.charCodeAt(at) - 48;
      value |= (group & 31) << shift;
      more = (group & 32) !== 0;
      at += 1;
      shift += 5;
      if (!more && (group & 16) !== 0) value |= -1 << shift;
    }
    runs.push(runs.length > 2 ? value + (runs[runs.length - 2] ?? 0) : value);
  }
  return runs;
}
