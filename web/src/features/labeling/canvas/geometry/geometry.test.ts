import { describe, expect, it } from "vitest";

import { resizeBox } from "./boxes";
import { boundsOf, distanceToSegment, limitedShift } from "./points";
import { distanceToRing, insideRings, pointsOf, ringArea, ringOf, withoutRepeats, withoutVertex, withVertex, withVertexAfter } from "./rings";
import { angleOf, cornersOf, cornersOfBox, resizedByCorner, turned, turnedTowards } from "./rotated";

const image = { width: 400, height: 300 };
const square = [0, 0, 10, 0, 10, 10, 0, 10];

describe("boxes", () => {
  it("turn over when a handle crosses the opposite side", () => {
    expect(resizeBox([10, 10, 50, 50], "e", { x: 5, y: 0 }, image)).toEqual([5, 10, 10, 50]);
  });

  it("move as far as the image allows", () => {
    expect(limitedShift([10, 10, 50, 50], { x: 1000, y: -1000 }, image)).toEqual({ x: 350, y: -10 });
  });
});

describe("points", () => {
  it("have no bounds when there are none", () => {
    expect(boundsOf([])).toBeNull();
    expect(boundsOf([{ x: 3, y: 9 }, { x: 1, y: 12 }])).toEqual([1, 9, 3, 12]);
  });

  it("are as far from a line as from its nearest part", () => {
    expect(distanceToSegment({ x: 5, y: 4 }, { x: 0, y: 0 }, { x: 10, y: 0 })).toBe(4);
    expect(distanceToSegment({ x: 13, y: 4 }, { x: 0, y: 0 }, { x: 10, y: 0 })).toBe(5);
    expect(distanceToSegment({ x: 3, y: 4 }, { x: 0, y: 0 }, { x: 0, y: 0 })).toBe(5);
  });
});

describe("rings", () => {
  it("tell inside from outside, and holes are outside", () => {
    const hole = [4, 4, 6, 4, 6, 6, 4, 6];
    expect(insideRings([square], { x: 5, y: 5 })).toBe(true);
    expect(insideRings([square, hole], { x: 5, y: 5 })).toBe(false);
    expect(insideRings([square, hole], { x: 2, y: 5 })).toBe(true);
    expect(insideRings([square], { x: 11, y: 5 })).toBe(false);
  });

  it("close only when they are polygons", () => {
    expect(distanceToRing(square, true, { x: 0, y: 5 })).toBe(0);
    expect(distanceToRing(square, false, { x: 0, y: 5 })).toBe(5);
  });

  it("gain, move and lose corners", () => {
    expect(withVertexAfter(square, 0, { x: 5, y: 1 })).toEqual([0, 0, 5, 1, 10, 0, 10, 10, 0, 10]);
    expect(withVertex(square, 3, { x: 1, y: 9 })).toEqual([0, 0, 10, 0, 10, 10, 1, 9]);
    expect(withoutVertex(square, 1)).toEqual([0, 0, 10, 10, 0, 10]);
    expect(ringArea(square)).toBe(100);
    expect(ringOf(pointsOf(square))).toEqual(square);
  });

  it("forget the second click of a double click", () => {
    const clicked = [{ x: 0, y: 0 }, { x: 9, y: 0 }, { x: 9.5, y: 0 }];
    expect(withoutRepeats(clicked, 1)).toHaveLength(2);
  });
});

describe("rotated boxes", () => {
  const corners = cornersOfBox([100, 100, 200, 140]);

  it("keep their centre and size when turned", () => {
    const ring = turned(corners, Math.PI / 6);
    const found = cornersOf(ring);
    expect(found && (angleOf(found) * 180) / Math.PI).toBeCloseTo(30);
    expect(ringArea(ring)).toBeCloseTo(4000);
  });

  it("point their top at the pointer", () => {
    const found = cornersOf(turnedTowards(corners, { x: 400, y: 120 }));
    expect(found && (angleOf(found) * 180) / Math.PI).toBeCloseTo(90);
  });

  it("keep the opposite corner and the angle when a corner is dragged", () => {
    const start = cornersOf(turned(corners, 0.4));
    if (start === null) throw new Error("four corners expected");
    const ring = resizedByCorner(start, 2, { x: 230, y: 190 });
    const found = cornersOf(ring);
    expect(found && angleOf(found)).toBeCloseTo(0.4);
    expect(found?.[0].x).toBeCloseTo(start[0].x);
    expect(found?.[2].x).toBeCloseTo(230);
    expect(found?.[2].y).toBeCloseTo(190);
  });
});
