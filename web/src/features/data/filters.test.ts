import { describe, expect, it } from "vitest";

import { countFilters, readFilters, readPage, withFilter } from "./filters";

describe("filters in the address", () => {
  it("are read, and what the API would refuse is ignored", () => {
    const search = new URLSearchParams("label=bolt&origin=mars&camera=iPhone+7&sort=-name");
    expect(readFilters(search)).toEqual({ label: "bolt", camera: "iPhone 7", sort: "-name" });
  });

  it("start at the first page when one changes", () => {
    const next = withFilter(new URLSearchParams("page=4&label=bolt"), "label", "nut");
    expect(next.toString()).toBe("label=nut");
    expect(withFilter(next, "label", null).toString()).toBe("");
  });

  it("do not count the order", () => {
    expect(countFilters({ label: "bolt", sort: "name" })).toBe(1);
  });

  it("take a wrong page for the first", () => {
    expect(readPage(new URLSearchParams("page=-3"))).toBe(1);
    expect(readPage(new URLSearchParams("page=2"))).toBe(2);
  });
});
