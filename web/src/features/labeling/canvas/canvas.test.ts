import { describe, expect, it } from "vitest";

import { type PlacedGrip, gripsOf } from "./grips";
import { applyEdit, type Labels, redo, startHistory, undo } from "./history";
import { buildHitGrid } from "./hitGrid";
import { emptyBitmap, toRle } from "./masks/bitmap";
import { copied } from "./reshape";
import { changedBox } from "./regions";
import { boxShape, newShape, ringShape, toAnnotation } from "./shapes";
import { cssBetween, fit, revealed, toImage, toScreen, visibleBox, zoomAt } from "./viewport";

const image = { width: 400, height: 300 };
const stage = { width: 1000, height: 700 };

describe("viewport", () => {
  it("keeps the point under the cursor while zooming", () => {
    const view = fit(image, stage);
    const cursor = { x: 321, y: 123 };
    const before = toImage(view, cursor);
    const after = toImage(zoomAt(view, cursor, 1.7), cursor);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it("goes to the screen and back", () => {
    const view = { scale: 2.5, x: 30, y: -12 };
    expect(toImage(view, toScreen(view, { x: 7, y: 9 }))).toEqual({ x: 7, y: 9 });
  });

  it("is the identity between equal viewports", () => {
    const view = { scale: 2, x: 10, y: 20 };
    expect(cssBetween(view, view)).toBe("matrix(1, 0, 0, 1, 0, 0)");
  });

  it("moves only when a point would be out of sight", () => {
    const view = { scale: 2, x: 0, y: 0 };
    expect(revealed(view, { x: 100, y: 100 }, stage)).toEqual(view);
    expect(revealed(view, { x: 600, y: 100 }, stage)).toEqual({ scale: 2, x: -220, y: 0 });
  });

  it("shows no more than the image", () => {
    expect(visibleBox({ scale: 1, x: 100, y: -50 }, stage, image)).toEqual([0, 50, 400, 300]);
  });
});

describe("hit grid", () => {
  const outer = boxShape([0, 0, 300, 300], "gear");
  const inner = boxShape([100, 100, 140, 140], "nut");

  it("picks the smallest shape under the point", () => {
    const grid = buildHitGrid([inner, outer], 400);
    expect(grid.at({ x: 120, y: 120 }, 0)?.id).toBe(inner.id);
    expect(grid.at({ x: 20, y: 20 }, 0)?.id).toBe(outer.id);
    expect(grid.at({ x: 350, y: 290 }, 0)).toBeNull();
  });

  it("reaches over a cell's border", () => {
    expect(buildHitGrid([inner], 4800).at({ x: 97, y: 120 }, 4)?.id).toBe(inner.id);
  });

  it("asks outlines and pixels, not only the boxes around them", () => {
    const triangle = ringShape("polygon", [{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 0, y: 100 }], "nut");
    const line = ringShape("polyline", [{ x: 200, y: 0 }, { x: 300, y: 100 }], "nut");
    const bitmap = emptyBitmap([200, 200, 220, 220], image);
    bitmap.pixels.fill(1, 0, 100);
    const mask = newShape("nut", { kind: "mask", bbox: [200, 200, 220, 220], segmentation: toRle(bitmap, image) });
    const grid = buildHitGrid([triangle, line, mask], 400);
    expect(grid.at({ x: 20, y: 20 }, 0)?.id).toBe(triangle.id);
    expect(grid.at({ x: 90, y: 90 }, 0)).toBeNull();
    expect(grid.at({ x: 252, y: 50 }, 2)?.id).toBe(line.id);
    expect(grid.at({ x: 280, y: 20 }, 2)).toBeNull();
    expect(grid.at({ x: 205, y: 202 }, 0)?.id).toBe(mask.id);
    expect(grid.at({ x: 205, y: 215 }, 0)).toBeNull();
  });

  it("lists what touches a box in drawing order", () => {
    const grid = buildHitGrid([outer, inner], 400);
    expect(grid.within([130, 130, 200, 200]).map(({ id }) => id)).toEqual([outer.id, inner.id]);
    expect(grid.within([200, 200, 250, 250])).toEqual([outer]);
  });
});

describe("grips", () => {
  it("offer corners before edges, and no edge where there is no room", () => {
    const shape = ringShape("polygon", [{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 100, y: 5 }], "nut");
    const kinds = gripsOf(shape, 1).map(({ grip }: PlacedGrip) => grip.type);
    expect(kinds).toEqual(["vertex", "vertex", "vertex", "edge", "edge"]);
  });
});

describe("history", () => {
  const nut = boxShape([10, 10, 50, 50], "nut");
  const gear = boxShape([0, 0, 9, 9], "gear");
  const none: Labels = { shapes: [], attributes: {}, proposals: [] };
  const both: Labels = { shapes: [nut, gear], attributes: {}, proposals: [] };

  it("undoes and redoes without limit", () => {
    let history = startHistory(none);
    for (let i = 0; i < 1000; i += 1) history = applyEdit(history, { type: "add", shapes: [{ ...nut, id: String(i) }] });
    for (let i = 0; i < 1000; i += 1) history = undo(history);
    expect(history.present).toBe(none);
    expect(undo(history)).toBe(history);
    for (let i = 0; i < 1000; i += 1) history = redo(history);
    expect(history.present.shapes).toHaveLength(1000);
  });

  it("drops the future when something new happens", () => {
    const added = applyEdit(startHistory(none), { type: "add", shapes: [nut] });
    const other = applyEdit(undo(added), { type: "add", shapes: [gear] });
    expect(redo(other)).toBe(other);
  });

  it("changes the order, and nothing at the ends", () => {
    const history = startHistory(both);
    expect(applyEdit(history, { type: "reorder", id: nut.id, to: "front" }).present.shapes).toEqual([gear, nut]);
    expect(applyEdit(history, { type: "reorder", id: nut.id, to: "backward" })).toBe(history);
  });

  it("remembers facts about the image", () => {
    const rainy = applyEdit(startHistory(both), { type: "describe_image", attributes: { weather: "rain" } });
    expect(rainy.present).toEqual({ ...both, attributes: { weather: "rain" } });
    expect(undo(rainy).present).toBe(both);
  });
});

describe("proposals of a model", () => {
  const proposed = ["a", "b", "c"].map((id) => ({ ...boxShape([0, 0, 9, 9], "nut"), id, source: "model" as const, score: 0.5 }));
  const start = applyEdit(startHistory({ shapes: [], attributes: {}, proposals: [] }), { type: "propose", shapes: proposed });

  it("become labels with their score when they are accepted, and undoing asks again", () => {
    const accepted = applyEdit(start, { type: "accept", ids: ["b"] });
    expect(accepted.present.shapes).toEqual([proposed[1]]);
    expect(accepted.present.proposals.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(undo(accepted).present).toBe(start.present);
  });

  it("are gone when they are rejected", () => {
    const rejected = applyEdit(start, { type: "reject", ids: ["a", "c"] });
    expect(rejected.present).toMatchObject({ shapes: [], proposals: [{ id: "b" }] });
    expect(applyEdit(start, { type: "remove", id: "a" }).present.proposals).toHaveLength(2);
  });

  it("are accepted as changed when they are changed", () => {
    const moved = { ...boxShape([5, 5, 9, 9], "nut"), id: "a" };
    expect(applyEdit(start, { type: "replace", shape: moved }).present).toMatchObject({
      shapes: [moved],
      proposals: [{ id: "b" }, { id: "c" }],
    });
  });
});

describe("repainting", () => {
  const nut = boxShape([10, 10, 50, 50], "nut");
  const gear = boxShape([100, 100, 190, 190], "gear");

  it("covers where a shape was and where it is", () => {
    const moved = { ...nut, bbox: [20, 30, 60, 70] as const };
    expect(changedBox([nut, gear], [moved, gear])).toEqual([10, 10, 60, 70]);
    expect(changedBox([nut], [nut, gear])).toEqual([100, 100, 190, 190]);
  });

  it("is everything after a change of order", () => {
    expect(changedBox([nut, gear], [gear, nut])).toBeNull();
  });
});

describe("sending", () => {
  const shape = boxShape([0, 0, 10, 10], "nut");

  it("sends no made-up id, and the server's once it is known", () => {
    expect(toAnnotation(shape).id).toBeNull();
    expect(toAnnotation(shape, new Map([[shape.id, "ann_1"]])).id).toBe("ann_1");
  });

  it("copies a shape beside itself as a person's own", () => {
    const twin = copied({ ...shape, source: "model", score: 0.3, externalId: "7" }, "twin", { x: 5, y: 5 }, image);
    expect(twin).toMatchObject({ id: "twin", bbox: [5, 5, 15, 15], source: "human", score: null, externalId: null });
  });
});
