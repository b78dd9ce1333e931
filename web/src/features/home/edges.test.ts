import { describe, expect, it } from "vitest";

import { EDGES, flowing } from "./edges";
import type { Overview } from "./queries";

const quiet: Overview = { elements: [], running: [], recent_events: [] };

describe("arrows", () => {
  it("rest while nothing runs, and before anything is known", () => {
    expect(flowing(quiet).size).toBe(0);
    expect(flowing(undefined).size).toBe(0);
  });

  it("flow from the registry into staging while a promotion runs", () => {
    const running = [
      { kind: "promotion", id: "p", title: "", state: "running", progress: null, link: "" },
    ];
    expect([...flowing({ ...quiet, running })]).toEqual(["trigger"]);
  });

  it("lead back to the labeler while poor images wait", () => {
    const elements = [
      { key: "model_data_events", state: "attention" as const, headline: "", facts: [], link: "" },
    ];
    expect([...flowing({ ...quiet, elements })]).toEqual(["poor-images", "to-labeler"]);
  });

  it("have names of their own", () => {
    expect(new Set(EDGES.map((edge) => edge.id)).size).toBe(EDGES.length);
  });
});
