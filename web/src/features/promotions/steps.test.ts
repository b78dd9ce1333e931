import { describe, expect, it } from "vitest";

import { comparisonText, factItems, inUnit, stepTitle, waitsFor } from "./steps";

const gate = {
  gate: "latency",
  passed: true,
  measured: 18,
  threshold: 100,
  unit: "ms",
  comparison: "<=" as const,
  summary: "",
  details: {},
  evidence: {},
  decided_at: null,
};

describe("waitsFor", () => {
  it("leaves out the reader's own requests and what waits for nobody", () => {
    const waiting = { state: "waiting_for_approval", requested_by: "dario" } as const;
    expect(waitsFor("aki", waiting)).toBe(true);
    expect(waitsFor("dario", waiting)).toBe(false);
    expect(waitsFor("aki", { ...waiting, state: "running" })).toBe(false);
  });
});

describe("stepTitle", () => {
  it("names gates and steps for people", () => {
    expect(stepTitle("gate:worst_slice")).toBe("Gate: worst slice");
    expect(stepTitle("deploy_staging")).toBe("Deploy to staging");
    expect(stepTitle("something_new")).toBe("Something new");
  });
});

describe("comparisonText", () => {
  it("says the figure and how it must stand to the threshold", () => {
    expect(comparisonText(gate)).toBe("18 ms, at most 100 ms");
    expect(comparisonText({ ...gate, threshold: null })).toBe("18 ms");
  });

  it("shows shares as percent", () => {
    expect(inUnit(0.913, "accuracy")).toContain("91.3");
    expect(inUnit(null, "ms")).toBe("–");
  });
});

describe("factItems", () => {
  it("leaves out what is empty and joins lists", () => {
    expect(factItems({ slices: ["a", "b"], none: null, p95_ms: 18.25 })).toEqual([
      { label: "Slices", value: "a, b" },
      { label: "P95 ms", value: "18.3" },
    ]);
  });
});
