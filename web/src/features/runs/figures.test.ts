import { describe, expect, it } from "vitest";

import { betterDirection, headline, parameterText, runDuration } from "./figures";

describe("headline", () => {
  it("prefers the test split to validation", () => {
    expect(headline({ val_accuracy: 0.9, test_accuracy: 0.8 }, "accuracy")).toBe(0.8);
    expect(headline({ "val/accuracy": 0.9 }, "accuracy")).toBe(0.9);
    expect(headline({ train_accuracy: 1 }, "accuracy")).toBeUndefined();
  });
});

describe("betterDirection", () => {
  it("knows that losses shall fall, and that a learning rate judges nothing", () => {
    expect(betterDirection("val_loss")).toBe("lower");
    expect(betterDirection("calibration_error")).toBe("lower");
    expect(betterDirection("test_accuracy")).toBe("higher");
    expect(betterDirection("learning_rate")).toBeNull();
  });
});

describe("runDuration", () => {
  it("counts to the end, or to now", () => {
    const started_at = "2026-01-01T00:00:00Z";
    expect(runDuration({ started_at, ended_at: "2026-01-01T00:01:05Z" })).toBe("1 min 5 s");
    expect(runDuration({ started_at, ended_at: null }, Date.parse("2026-01-01T00:00:30Z"))).toBe("30 s");
    expect(runDuration({ started_at: null, ended_at: null })).toBe("–");
  });
});

describe("parameterText", () => {
  it("says none for nothing", () => {
    expect(parameterText(null)).toBe("none");
    expect(parameterText(false)).toBe("false");
  });
});
