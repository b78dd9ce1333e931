import { describe, expect, it } from "vitest";

import { changeOf, draftOf, isChanged } from "./draft";
import type { LabelSchema } from "./queries";

const SCHEMA: LabelSchema = {
  project: "parts",
  version: 3,
  classes: ["nut", "bolt", "gear"].map((name) => ({
    name, color: "#4c6ef5", hotkey: null, parent: name === "bolt" ? "nut" : null, skeleton: null, help: "",
  })),
  attributes: [
    {
      name: "rust", type: "choice", scope: "shape", values: ["some"], default: null, is_required: false,
      classes: ["gear", "nut"], minimum: null, maximum: null, help: "",
    },
  ],
  note: "",
  created_by: "",
  created_at: null,
};

describe("a draft of the label schema", () => {
  it("changes nothing at first", () => {
    expect(isChanged(SCHEMA, draftOf(SCHEMA))).toBe(false);
    expect(changeOf(SCHEMA, draftOf(SCHEMA)).class_moves).toEqual({});
  });

  it("moves labels of a renamed class, and whatever named it", () => {
    const draft = draftOf(SCHEMA);
    draft.classes = draft.classes.map((item) => (item.was === "nut" ? { ...item, name: "hex nut" } : item));
    const change = changeOf(SCHEMA, draft);
    expect(change.class_moves).toEqual({ nut: "hex nut" });
    expect(change.classes[1]?.parent).toBe("hex nut");
    expect(change.attributes?.[0]?.classes).toEqual(["gear", "hex nut"]);
  });

  it("sends the labels of a removed class to a class that was renamed too", () => {
    const draft = draftOf(SCHEMA);
    draft.classes = draft.classes
      .filter((item) => item.was !== "gear")
      .map((item) => (item.was === "nut" ? { ...item, name: "hex nut" } : item));
    draft.removed = { gear: "nut" };
    const change = changeOf(SCHEMA, draft);
    expect(change.class_moves).toEqual({ nut: "hex nut", gear: "hex nut" });
    expect(change.attributes?.[0]?.classes).toEqual(["hex nut"]);
  });

  it("drops the labels of a class that goes nowhere", () => {
    const draft = draftOf(SCHEMA);
    draft.classes = draft.classes.filter((item) => item.was !== "gear");
    draft.removed = { gear: null };
    expect(changeOf(SCHEMA, draft).class_moves).toEqual({ gear: null });
    expect(isChanged(SCHEMA, draft)).toBe(true);
  });
});
