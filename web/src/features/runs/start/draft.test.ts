import { describe, expect, it } from "vitest";

import { EMPTY, missing, toRequest } from "./draft";

describe("missing", () => {
  it("asks for the data first, then for what the origin needs", () => {
    expect(missing(EMPTY)).toContain("dataset version");
    const chosen = { ...EMPTY, datasetVersion: "parts:1" };
    expect(missing(chosen)).toBeNull();
    expect(missing({ ...chosen, origin: "pretrained" })).toContain("weights");
    expect(missing({ ...chosen, origin: "run" })).toContain("run");
  });
});

describe("toRequest", () => {
  it("sends only what was set and only the origin that was chosen", () => {
    const request = toRequest(
      {
        ...EMPTY,
        datasetVersion: "parts:2",
        weights: "left over",
        warmStart: "run_1",
        settings: { epochs: 4, image_size: "" },
      },
      "classification",
    );
    expect(request).toEqual({
      dataset_version: "parts:2",
      experiment: "default",
      name: null,
      recipe: "classification",
      parameters: { epochs: 4 },
      warm_start_run_id: null,
    });
  });
});
