import { describe, expect, it } from "vitest";

import { headPath, linePath, type Rect, route } from "./routing";

const left: Rect = { x: 0, y: 0, width: 100, height: 100 };
const right: Rect = { x: 200, y: 20, width: 100, height: 40 };
const below: Rect = { x: 150, y: 200, width: 100, height: 50 };

describe("route", () => {
  it("goes straight through the shared middle where two sides face each other", () => {
    expect(route(left, right, { side: "right" }, { side: "left" })).toEqual([
      { x: 100, y: 40 },
      { x: 200, y: 40 },
    ]);
  });

  it("keeps a fixed anchor and lets the other end follow it", () => {
    const points = route(left, right, { side: "right", at: 0.5 }, { side: "left" });
    expect(points).toEqual([
      { x: 100, y: 50 },
      { x: 200, y: 50 },
    ]);
  });

  it("bends once between a flat and an upright side", () => {
    expect(route(left, below, { side: "right" }, { side: "top" })).toEqual([
      { x: 100, y: 50 },
      { x: 200, y: 50 },
      { x: 200, y: 200 },
    ]);
  });

  it("bends twice where the sides face the same way without overlap", () => {
    const points = route(left, below, { side: "bottom" }, { side: "top" });
    expect(points).toHaveLength(4);
    expect(points[1]).toEqual({ x: 50, y: 150 });
    expect(points[2]).toEqual({ x: 200, y: 150 });
  });
});

describe("linePath", () => {
  it("stops short of the box so that the head has room", () => {
    expect(linePath([{ x: 0, y: 0 }, { x: 50, y: 0 }])).toBe("M0 0L45 0");
  });

  it("rounds corners", () => {
    expect(linePath([{ x: 0, y: 0 }, { x: 50, y: 0 }, { x: 50, y: 60 }])).toContain("Q50 0");
  });
});

describe("headPath", () => {
  it("is a closed triangle at the tip", () => {
    expect(headPath([{ x: 0, y: 0 }, { x: 50, y: 0 }])).toBe("M49 0L42 4.5L42 -4.5Z");
  });
});
