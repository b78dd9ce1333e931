import { describe, expect, it } from "vitest";

import { neighbour } from "./useTour";

const items = [
  { id: "a", state: "accepted" },
  { id: "b", state: "open" },
  { id: "c", state: "rejected" },
  { id: "d", state: "open" },
] as const;

describe("the way through a queue", () => {
  it("goes to the nearest image that matches", () => {
    expect(neighbour(items, "b", 1, null)).toBe("c");
    expect(neighbour(items, "b", 1, "open")).toBe("d");
    expect(neighbour(items, "d", -1, "accepted")).toBe("a");
  });

  it("ends at the ends", () => {
    expect(neighbour(items, "d", 1, null)).toBeNull();
    expect(neighbour(items, "a", -1, null)).toBeNull();
    expect(neighbour(items, "b", -1, "rejected")).toBeNull();
  });
});
