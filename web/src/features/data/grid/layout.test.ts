import { describe, expect, it } from "vitest";

import { GAP, layOut, MAX_HEIGHT, moved, scrollTo, windowOf } from "./layout";

const VIEWPORT = 700;

describe("the window of a long grid", () => {
  it("fills the width with whole tiles", () => {
    const layout = layOut(1000, 1000, 160);
    expect(layout.columns).toBe(5);
    expect(layout.columns * layout.tileWidth + 4 * GAP).toBeCloseTo(1000);
    expect(layout.rows).toBe(200);
  });

  it("holds the rows in view and a few more, wherever one is", () => {
    const layout = layOut(100_000, 1000, 160);
    const step = layout.tileHeight + GAP;
    expect(windowOf(layout, 0, VIEWPORT)).toMatchObject({ first: 0, top: 0 });
    const middle = windowOf(layout, 5000 * step, VIEWPORT);
    expect(middle.first).toBe((5000 - 2) * layout.columns);
    expect(middle.top).toBeCloseTo(4998 * step);
    expect(middle.last - middle.first).toBeLessThan(12 * layout.columns);
  });

  it("reaches the last of ten million rows although no browser scrolls that far", () => {
    const layout = layOut(50_000_000, 1000, 160);
    expect(layout.height).toBe(MAX_HEIGHT);
    const end = windowOf(layout, layout.height - VIEWPORT, VIEWPORT);
    expect(end.last).toBeGreaterThanOrEqual(50_000_000);
    const bottom = end.top + ((end.last - end.first) / layout.columns) * (layout.tileHeight + GAP) - GAP;
    expect(bottom).toBeCloseTo(MAX_HEIGHT, 0);
  });

  it("scrolls no more than needed to show a tile", () => {
    const layout = layOut(1000, 1000, 160);
    expect(scrollTo(layout, 3, 0, VIEWPORT)).toBeNull();
    const down = scrollTo(layout, 60, 0, VIEWPORT) ?? 0;
    expect(scrollTo(layout, 60, down, VIEWPORT)).toBeNull();
    expect(scrollTo(layout, 0, down, VIEWPORT)).toBe(0);
  });
});

describe("the keys", () => {
  const layout = layOut(23, 1000, 160);

  it("walk by tile, row and page and stay inside", () => {
    expect(moved("ArrowRight", 0, 23, layout, VIEWPORT)).toBe(1);
    expect(moved("ArrowDown", 1, 23, layout, VIEWPORT)).toBe(6);
    expect(moved("ArrowDown", 21, 23, layout, VIEWPORT)).toBe(21);
    expect(moved("ArrowLeft", 0, 23, layout, VIEWPORT)).toBe(0);
    expect(moved("PageDown", 3, 23, layout, VIEWPORT)).toBe(18);
    expect(moved("End", 3, 23, layout, VIEWPORT)).toBe(22);
    expect(moved("Home", 3, 23, layout, VIEWPORT)).toBe(0);
    expect(moved("q", 3, 23, layout, VIEWPORT)).toBeNull();
  });
});
