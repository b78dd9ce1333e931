import { describe, expect, it } from "vitest";

import { countChosen, EVERYTHING, isChosen, NOTHING, span, withChosen } from "./selection";

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
});
