import { describe, expect, it } from "vitest";

import { joined, readCondition, readFilters, toggled, writeCondition, writeFilters } from "./filters";

describe("filters in the address", () => {
  it("are conditions; the short parameters of older links become some", () => {
    const search = new URLSearchParams("where=width+%3E+9&label=bolt&camera=iPhone+7&sort=-name&image=1");
    const filters = readFilters(search);
    expect(filters).toEqual({ where: ["width > 9", "label:bolt", 'camera = "iPhone 7"'], sort: "-name" });
    expect(readFilters(writeFilters(filters))).toEqual(filters);
  });

  it("leave the usual order unsaid", () => {
    expect(writeFilters({ where: [], sort: "created" }).toString()).toBe("");
  });
});

describe("conditions", () => {
  it("are written and read back, whatever the value", () => {
    for (const values of [["bolt"], ["a", "b c", null], ['say "x"', "none", "back\\slash"], ["Größe"]]) {
      const text = writeCondition("camera", values);
      expect(readCondition("camera", text)).toEqual(values);
    }
  });

  it("of another kind are left alone", () => {
    expect(readCondition("camera", "camera ~ Can.n")).toBeNull();
    expect(readCondition("camera", "camera = a or width > 3")).toBeNull();
    expect(readCondition("cam", "camera = a")).toBeNull();
  });

  it("gain and lose values", () => {
    const one = toggled(["width > 9"], "label", "bolt");
    expect(one).toEqual(["width > 9", "label:bolt"]);
    const two = toggled(one, "label", "nut");
    expect(two).toEqual(["width > 9", "label in (bolt, nut)"]);
    expect(toggled(toggled(two, "label", "bolt"), "label", "nut")).toEqual(["width > 9"]);
  });

  it("are joined so that an or stays within its own", () => {
    expect(joined(["a = 1 or b = 2", "width > 9"])).toBe("(a = 1 or b = 2) and width > 9");
    expect(joined(["a = 1 or b = 2"])).toBe("a = 1 or b = 2");
    expect(joined([])).toBe("");
  });
});
