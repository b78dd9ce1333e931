import { describe, expect, it } from "vitest";

import { offset, shareRange } from "./scale";

describe("offset", () => {
  it("places a value on the scale and keeps outsiders at the ends", () => {
    expect(offset(0.75, [0.5, 1])).toBe("50.00%");
    expect(offset(2, [0, 1])).toBe("100.00%");
    expect(offset(-2, [0, 1])).toBe("0.00%");
  });

  it("survives a scale without length", () => {
    expect(offset(1, [1, 1])).toBe("0%");
  });
});

describe("shareRange", () => {
  it("opens to the next tenth on both sides", () => {
    expect(shareRange([{ low: 0.72, high: 0.88 }, { low: 0.9, high: 0.97 }])).toEqual([0.7, 1]);
  });

  it("holds gaps below zero", () => {
    expect(shareRange([{ low: -0.33, high: 0.05 }])).toEqual([-0.4, 0.1]);
  });
});
