import { describe, expect, it } from "vitest";

import { boxShape, classShape } from "../canvas/shapes";
import { chooseCategory } from "./labels";

describe("choosing a class", () => {
  it("replaces the one label of a classification", () => {
    const edit = chooseCategory("classification", [classShape("nut")], null, "bolt");
    expect(edit).toMatchObject({ type: "set_all", shapes: [{ category: "bolt", kind: "class" }] });
    expect(chooseCategory("classification", [classShape("nut")], null, "nut")).toBeNull();
  });

  it("makes a model's label a person's when it is confirmed", () => {
    const guessed = { ...classShape("nut"), source: "model" as const, score: 0.4 };
    expect(chooseCategory("classification", [guessed], null, "nut")).toMatchObject({
      shapes: [{ source: "human", score: null }],
    });
  });

  it("switches labels of a multi-label classification on and off", () => {
    const nut = classShape("nut");
    const task = "multilabel_classification";
    expect(chooseCategory(task, [nut], null, "bolt")?.type).toBe("add");
    expect(chooseCategory(task, [nut], null, "nut")).toEqual({ type: "remove", id: nut.id });
  });

  it("changes the class of the shape in hand", () => {
    const box = boxShape([0, 0, 9, 9], "nut");
    expect(chooseCategory("detection", [box], box, "bolt")).toMatchObject({
      type: "replace",
      shape: { id: box.id, category: "bolt" },
    });
    expect(chooseCategory("detection", [box], null, "bolt")).toBeNull();
  });
});
