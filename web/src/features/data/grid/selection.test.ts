import { describe, expect, it } from "vitest";

import { countChosen, EVERYTHING, isChosen, NOTHING, span, toRequest, withChosen } from "./selection";

describe("a selection", () => {
  it("takes and gives back single images", () => {
    const two = withChosen(NOTHING, ["a", "b"], true);
    expect(countChosen(two, 100)).toBe(2);
    expect(isChosen(two, "a")).toBe(true);
    expect(countChosen(withChosen(two, ["a"], false), 100)).toBe(1);
  });

  it("of everything that matches counts what is taken out of it", () => {
    const most = withChosen(EVERYTHING, ["a"], false);
    expect(countChosen(most, 100_000)).toBe(99_999);
    expect(isChosen(most, "a")).toBe(false);
    expect(isChosen(most, "never loaded")).toBe(true);
    expect(countChosen(withChosen(most, ["a"], true), 100_000)).toBe(100_000);
  });

  it("spans a range in either direction", () => {
    expect(span(3, 5)).toEqual([3, 4, 5]);
    expect(span(5, 3)).toEqual([3, 4, 5]);
  });

  it("is sent as ids, or as the filter without what was taken out of it", () => {
    expect(toRequest(withChosen(NOTHING, ["a"], true), "label:nut")).toEqual({ image_ids: ["a"] });
    expect(toRequest(EVERYTHING, "")).toEqual({ filter: "" });
    const most = withChosen(EVERYTHING, ["a", "b"], false);
    expect(toRequest(most, "")).toEqual({ filter: "not id in (a, b)" });
    expect(toRequest(most, "x or y")).toEqual({ filter: "(x or y) and not id in (a, b)" });
    const many = Array.from({ length: 50 }, (_, index) => String(index));
    expect(toRequest(withChosen(EVERYTHING, many, false), "")).toBeNull();
  });
});
