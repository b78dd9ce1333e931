import { describe, expect, it } from "vitest";

import { curlCommand, splitProblem } from "./split";

describe("splitProblem", () => {
  it("wants all shares to make a hundred", () => {
    expect(splitProblem({ weights: { a: 90, b: 10 }, mirrors: {} })).toBeNull();
    expect(splitProblem({ weights: { a: 90, b: 20 }, mirrors: {} })).toContain("110 %");
  });
});

describe("curlCommand", () => {
  it("names a key only where one is needed", () => {
    expect(curlCommand("http://127.0.0.1:9001", false)).not.toContain("Authorization");
    expect(curlCommand("http://127.0.0.1:9001", true)).toContain("Bearer $ENDPOINT_KEY");
  });
});
