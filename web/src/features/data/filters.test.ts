import { describe, expect, it } from "vitest";

import { countFilters, readFilters, withFilter } from "./filters";

describe("filters in the address", () => {
  it("are read, and what the API would refuse is ignored", () => {
    const search = new URLSearchParams("label=bolt&origin=mars&camera=iPhone+7&sort=-name");
    expect(readFilters(search)).toEqual({ label: "bolt", camera: "iPhone 7", sort: "-name" });
  });

  it("change one at a time", () => {
    const next = withFilter(new URLSearchParams("label=bolt"), "label", "nut");
    expect(next.toString()).toBe("label=nut");
    expect(withFilter(next, "label", null).toString()).toBe("");
  });

  it("do not count the order", () => {
    expect(countFilters({ label: "bolt", sort: "name" })).toBe(1);
  });
});
