import { describe, expect, it } from "vitest";

import { groupCurves, overlay, splitName } from "./curves";

function points(key: string, values: number[]) {
  return values.map((value, step) => ({ key, step, value, time: "2026-01-01T00:00:00Z" }));
}

describe("splitName", () => {
  it("tells the measure from the split", () => {
    expect(splitName("val_accuracy")).toEqual({ measure: "accuracy", split: "val" });
    expect(splitName("learning_rate")).toEqual({ measure: "learning_rate", split: "learning_rate" });
  });
});

describe("groupCurves", () => {
  it("draws train and validation of one measure together, step by step", () => {
    const [curve] = groupCurves({
      train_loss: points("train_loss", [1, 0.5]),
      val_loss: points("val_loss", [1.2, 0.7]),
    });
    expect(curve).toEqual({
      title: "loss",
      series: ["train", "val"],
      rows: [
        { step: 0, train: 1, val: 1.2 },
        { step: 1, train: 0.5, val: 0.7 },
      ],
    });
  });

  it("leaves out what was measured once", () => {
    expect(groupCurves({ test_accuracy: points("test_accuracy", [0.9]) })).toEqual([]);
  });
});

describe("overlay", () => {
  it("puts runs of different length side by side", () => {
    const curve = overlay("val_loss", [
      { name: "a", history: { val_loss: points("val_loss", [1, 0.5]) } },
      { name: "b", history: { val_loss: points("val_loss", [2]) } },
      { name: "c", history: {} },
    ]);
    expect(curve.series).toEqual(["a", "b"]);
    expect(curve.rows).toEqual([{ step: 0, a: 1, b: 2 }, { step: 1, a: 0.5 }]);
  });
});
