import { describe, expect, it } from "vitest";

import { barOf, type Figure, headlines, interval, markOf, measured, rangeOf } from "./drills";

const BEFORE: Figure = {
  name: "Accuracy on unseen shifted photos, before", value: 0.835, low: 0.746, high: 0.897, unit: "share", count: 91,
};
const AFTER: Figure = { ...BEFORE, name: "Accuracy on unseen shifted photos, after", value: 0.989, low: 0.94, high: 0.998 };
const GAP: Figure = {
  name: "Share of the gap closed", value: 0.963, low: 0.416, high: 1.467, unit: "share", target: "at least 0.5", is_met: true,
};
const ALERT: Figure = {
  name: "Requests from the shift to the alert", value: 50, unit: "requests", target: "at most 200", is_met: true,
};

describe("headlines of a drill", () => {
  it("begin with the gain, whatever the order of the figures", () => {
    const shown = headlines([GAP, ALERT, AFTER, BEFORE]);
    expect(shown.map((item) => item.label)).toEqual([
      "Accuracy on unseen photos", "Requests to the alert", "Gap closed",
    ]);
    expect(shown[0]?.value.replaceAll("\u00a0", " ")).toBe("83.5 % → 98.9 %");
    expect(shown[1]).toMatchObject({ value: "50", note: "bar at most 200" });
  });

  it("leave out what was not measured", () => {
    expect(headlines([BEFORE])).toEqual([]);
  });
});

describe("figures", () => {
  it("read in their own unit", () => {
    expect(measured({ value: 2.986, unit: "ratio" })).toBe("3.0 ×");
    expect(measured({ value: 219.2, unit: "s" })).toBe("3 min 39 s");
    expect(interval(GAP)).toBe("95 % interval 42 to 147");
    expect(interval(ALERT)).toBeNull();
    expect(barOf(GAP)?.replaceAll("\u00a0", " ")).toBe("at least 50 %");
    expect(barOf(ALERT)).toBe("at most 200");
    expect(barOf(BEFORE)).toBeNull();
  });

  it("share a scale, except where a share passes 100 %", () => {
    const all = [BEFORE, AFTER, GAP, ALERT];
    expect(rangeOf(AFTER, all)).toEqual([0.7, 1]);
    expect(rangeOf(GAP, all)).toEqual([0, 1.467]);
    expect(rangeOf(AFTER, [BEFORE, AFTER, { ...GAP, low: -0.52, high: 0.85 }])).toEqual([0.7, 1]);
    expect(markOf(GAP)).toBe(0.5);
    expect(markOf(BEFORE)).toBeUndefined();
  });
});
