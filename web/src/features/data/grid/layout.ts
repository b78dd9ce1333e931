/** Where tiles of one size stand in a scrolled area; pure, so that it can be tested without a browser. */
export interface GridLayout {
  columns: number;
  tileWidth: number;
  tileHeight: number;
  rows: number;
  /** Height of the scrolled content in pixels, which browsers limit. */
  height: number;
}

/** The tiles to draw, and how far below the top of the content the first of them stands. */
export interface GridWindow {
  first: number;
  last: number;
  top: number;
}

export const GAP = 10;
/** Below this width a tile shows its picture alone. */
export const BARE_WIDTH = 116;
const CAPTION_HEIGHT = 57;
/** Chromium and Firefox draw nothing beyond 33 and 17 million pixels. */
export const MAX_HEIGHT = 15_000_000;

export function layOut(total: number, width: number, size: number): GridLayout {
  const columns = Math.max(1, Math.floor((width + GAP) / (size + GAP)));
  const tileWidth = Math.max(1, (width - GAP * (columns - 1)) / columns);
  const tileHeight = Math.round(tileWidth * 0.75) + (size < BARE_WIDTH ? 2 : CAPTION_HEIGHT);
  const rows = Math.ceil(total / columns);
  const height = Math.min(Math.max(rows * (tileHeight + GAP) - GAP, 0), MAX_HEIGHT);
  return { columns, tileWidth, tileHeight, rows, height };
}

/** Full height of all rows, which may be more than the content can be. */
function fullHeight(layout: GridLayout): number {
  return Math.max(layout.rows * (layout.tileHeight + GAP) - GAP, 0);
}

/** How many pixels of rows one pixel of scrolling passes; 1 unless there are very many rows. */
function pace(layout: GridLayout, viewport: number): number {
  const scrolled = layout.height - viewport;
  return scrolled <= 0 ? 1 : Math.max(1, (fullHeight(layout) - viewport) / scrolled);
}

/**
 * The window that `viewport` pixels show when `scrolled` pixels of content are above them.
 *
 * `spare` rows more are drawn on both sides, so that they are there before they are seen.
 */
export function windowOf(layout: GridLayout, scrolled: number, viewport: number, spare = 2): GridWindow {
  const step = layout.tileHeight + GAP;
  const above = Math.min(Math.max(scrolled, 0), layout.height);
  const passed = above * pace(layout, viewport);
  const firstRow = Math.max(0, Math.floor(passed / step) - spare);
  const lastRow = Math.min(layout.rows, Math.ceil((passed + viewport) / step) + spare);
  return {
    first: firstRow * layout.columns,
    last: Math.max(lastRow, firstRow) * layout.columns,
    top: above + firstRow * step - passed,
  };
}

/** How far to scroll so that a tile is wholly seen; `null` when it is already. */
export function scrollTo(layout: GridLayout, index: number, scrolled: number, viewport: number): number | null {
  const step = layout.tileHeight + GAP;
  const factor = pace(layout, viewport);
  const top = Math.floor(index / layout.columns) * step;
  const passed = Math.max(scrolled, 0) * factor;
  if (top < passed) return top / factor;
  const bottom = top + layout.tileHeight;
  return bottom > passed + viewport ? (bottom - viewport) / factor : null;
}

/** Where a key leads from a tile; `null` for keys that do not move. */
export function moved(key: string, index: number, total: number, layout: GridLayout, viewport: number): number | null {
  const { columns, tileHeight } = layout;
  const page = Math.max(1, Math.floor(viewport / (tileHeight + GAP))) * columns;
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -page,
    PageDown: page,
  };
  if (key === "Home") return 0;
  if (key === "End") return Math.max(total - 1, 0);
  const step = steps[key];
  if (step === undefined) return null;
  const target = index + step;
  if (target >= 0 && target < total) return target;
  return Math.abs(step) === columns ? index : Math.min(Math.max(target, 0), Math.max(total - 1, 0));
}
