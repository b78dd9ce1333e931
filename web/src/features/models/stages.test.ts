import { describe, expect, it } from "vitest";

import type { LineageNode } from "./queries";
import { nodeLink, toStages } from "./stages";

function node(kind: LineageNode["kind"], id: string): LineageNode {
  return { kind, id, name: id, created_by: null, created_at: null, facts: {} };
}

describe("toStages", () => {
  it("orders the chain from data to production and leaves out what is not there", () => {
    const stages = toStages([node("model_version", "m:1"), node("run", "a"), node("run", "b"), node("dataset_version", "d")]);
    expect(stages.map((stage) => stage.kind)).toEqual(["dataset_version", "run", "model_version"]);
    expect(stages[1]?.nodes.map((item) => item.id)).toEqual(["a", "b"]);
  });
});

describe("nodeLink", () => {
  it("opens the report for an evaluation and the endpoint for a deployment", () => {
    expect(nodeLink(node("evaluation", "e"), "run_1")).toBe("/runs/run_1/report");
    expect(nodeLink(node("deployment", "parts-prod/blue"), null)).toBe("/endpoints/parts-prod");
    expect(nodeLink(node("model_version", "m:1"), null)).toBeNull();
  });
});
