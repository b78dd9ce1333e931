import { describe, expect, it } from "vitest";

import { boxShape } from "../canvas/shapes";
import { type Attribute, begun, imageAttributes, type LabelSchema, nested, shapeAttributes, withDefaults } from "./schema";

const attribute = (name: string, more: Partial<Attribute>): Attribute => ({ name, type: "text", default: null, ...more }) as Attribute;
const schema = {
  attributes: [
    attribute("occluded", { type: "boolean", scope: "shape", default: false }),
    attribute("species", { scope: "shape", classes: ["tree"], default: "oak" }),
    attribute("weather", { scope: "image" }),
  ],
} as LabelSchema;

describe("the label schema", () => {
  it("asks shapes of a class what concerns it", () => {
    expect(shapeAttributes(schema, "tree").map(({ name }) => name)).toEqual(["occluded", "species"]);
    expect(shapeAttributes(schema, "car").map(({ name }) => name)).toEqual(["occluded"]);
    expect(imageAttributes(schema).map(({ name }) => name)).toEqual(["weather"]);
  });

  it("starts a shape with defaults and keeps what is said", () => {
    expect(begun(boxShape([0, 0, 9, 9], "tree"), schema).attributes).toEqual({ occluded: false, species: "oak" });
    expect(withDefaults({ species: "elm" }, shapeAttributes(schema, "tree"))).toEqual({ occluded: false, species: "elm" });
  });

  it("puts classes below what they are a kind of", () => {
    const items = [{ name: "car" }, { name: "vehicle" }, { name: "van" }, { name: "tree" }];
    const parents = new Map([["car", "vehicle"], ["van", "car"], ["tree", "gone"]]);
    expect(nested(items, parents).map(({ item, depth }) => `${item.name} ${String(depth)}`)).toEqual([
      "vehicle 0",
      "car 1",
      "van 2",
      "tree 0",
    ]);
  });
});
