import { describe, expect, it } from "vitest";

import type { Labels } from "../canvas/history";
import { boxShape, type Shape } from "../canvas/shapes";
import { mergedLabels } from "./merge";

const named = (id: string, x: number, category = "nut"): Shape => ({ ...boxShape([x, 0, x + 10, 10], category), id });
const labels = (shapes: readonly Shape[], attributes: Labels["attributes"] = {}): Labels => ({ shapes, attributes, proposals: [] });

const [a, b, c] = [named("a", 0), named("b", 20), named("c", 40)];
const base = labels([a, b, c]);

describe("merging", () => {
  it("takes what either side did to different shapes", () => {
    const mine = labels([named("a", 5), b, c, named("new", 90)]);
    const theirs = labels([a, named("b", 25), named("theirs", 70)]);
    const merge = mergedLabels(base, mine, theirs);
    expect(merge.labels.shapes.map(({ id, bbox }) => [id, bbox?.[0]])).toEqual([["a", 5], ["b", 25], ["theirs", 70], ["new", 90]]);
    expect(merge).toMatchObject({ clashes: [], numMine: 2, numTheirs: 3 });
  });

  it("names shapes that both changed, and holds mine", () => {
    const merge = mergedLabels(base, labels([named("a", 5), b, c]), labels([named("a", 9), b, c]));
    expect(merge.clashes).toEqual(["a"]);
    expect(merge.labels.shapes[0]?.bbox?.[0]).toBe(5);
  });

  it("prefers a change to a removal", () => {
    const theyRemoved = mergedLabels(base, labels([named("a", 5), b, c]), labels([b, c]));
    expect(theyRemoved).toMatchObject({ clashes: ["a"] });
    expect(theyRemoved.labels.shapes.map(({ id }) => id)).toContain("a");
    const iRemoved = mergedLabels(base, labels([b, c]), labels([named("a", 5), b, c]));
    expect(iRemoved.labels.shapes.map(({ id }) => id)).toContain("a");
  });

  it("sees no clash where both did the same", () => {
    const same = labels([named("a", 5), b, c]);
    expect(mergedLabels(base, same, labels([{ ...named("a", 5), score: 0.2 }, b, c])).clashes).toEqual([]);
  });

  it("keeps the order that I chose", () => {
    expect(mergedLabels(base, labels([c, a, b]), base).labels.shapes).toEqual([c, a, b]);
    expect(mergedLabels(base, base, labels([c, a, b])).labels.shapes).toEqual([c, a, b]);
  });

  it("joins facts about the image by name", () => {
    const merge = mergedLabels(
      labels([], { weather: "sun", time: "noon" }),
      labels([], { weather: "rain", time: "noon" }),
      labels([], { weather: "sun", time: "night", place: "yard" }),
    );
    expect(merge.labels.attributes).toEqual({ weather: "rain", time: "night", place: "yard" });
  });
});
