import { describe, expect, it } from "vitest";

import { handleAt, moveBox, resizeBox } from "./boxes";
import { applyEdit, redo, renameShapes, startHistory, undo } from "./history";
import { buildHitGrid } from "./hitGrid";
import { AT_REST, type Canvas, nudge, step } from "./interaction";
import { adoptedIds, type AnnotationOut, type Box, boxShape, toAnnotation } from "./shapes";
import { cssBetween, fit, toImage, toScreen, zoomAt } from "./viewport";

const image = { width: 400, height: 300 };
const canvas: Canvas = { image, category: "bolt", drawable: true, locked: false };
const nothing = { shape: null, handle: null };

describe("boxes", () => {
  it("never leave the image and keep their size when moved", () => {
    expect(moveBox([10, 10, 50, 50], { x: 1000, y: -1000 }, image)).toEqual([360, 0, 400, 40]);
  });

  it("turn over when a handle crosses the opposite side", () => {
    expect(resizeBox([10, 10, 50, 50], "e", { x: 5, y: 0 }, image)).toEqual([5, 10, 10, 50]);
  });

  it("offer corners before edges", () => {
    expect(handleAt([10, 10, 50, 50], { x: 49, y: 51 }, 3)).toBe("se");
    expect(handleAt([10, 10, 50, 50], { x: 30, y: 10 }, 3)).toBe("n");
    expect(handleAt([10, 10, 50, 50], { x: 30, y: 30 }, 3)).toBeNull();
  });
});

describe("viewport", () => {
  it("keeps the point under the cursor while zooming", () => {
    const view = fit(image, { width: 1000, height: 700 });
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
});

describe("hit grid", () => {
  it("picks the smallest box under the point", () => {
    const outer = boxShape([0, 0, 300, 300], "gear");
    const inner = boxShape([100, 100, 140, 140], "nut");
    const grid = buildHitGrid([inner, outer], 400);
    expect(grid.at({ x: 120, y: 120 }, 0)?.id).toBe(inner.id);
    expect(grid.at({ x: 20, y: 20 }, 0)?.id).toBe(outer.id);
    expect(grid.at({ x: 350, y: 290 }, 0)).toBeNull();
  });

  it("reaches over a cell's border", () => {
    const shape = boxShape([100, 100, 140, 140], "nut");
    expect(buildHitGrid([shape], 4800).at({ x: 97, y: 120 }, 4)?.id).toBe(shape.id);
  });
});

describe("pointer", () => {
  it("draws a box by dragging on empty ground", () => {
    let { state } = step(AT_REST, { type: "down", at: { x: 10, y: 10 }, under: nothing }, canvas);
    ({ state } = step(state, { type: "move", at: { x: 60, y: 40 } }, canvas));
    const { state: end, edits } = step(state, { type: "up", at: { x: 70, y: 50 } }, canvas);
    expect(edits).toHaveLength(1);
    expect(edits[0]).toMatchObject({ type: "add", shape: { bbox: [10, 10, 70, 50], category: "bolt" } });
    expect(end.gesture.type).toBe("none");
    expect(end.selected).not.toBeNull();
  });

  it("takes a click for a click", () => {
    const { state } = step(AT_REST, { type: "down", at: { x: 10, y: 10 }, under: nothing }, canvas);
    expect(step(state, { type: "up", at: { x: 11, y: 10 } }, canvas).edits).toEqual([]);
  });

  it("moves a box and says nothing when it did not move", () => {
    const shape = boxShape([10, 10, 50, 50], "nut");
    const { state } = step(
      AT_REST,
      { type: "down", at: { x: 20, y: 20 }, under: { shape, handle: null } },
      canvas,
    );
    expect(step(state, { type: "up", at: { x: 20, y: 20 } }, canvas).edits).toEqual([]);
    const moved = step(state, { type: "up", at: { x: 25, y: 30 } }, canvas);
    expect(moved.edits[0]).toMatchObject({ type: "replace", shape: { bbox: [15, 20, 55, 60] } });
  });

  it("resizes by a handle", () => {
    const shape = boxShape([10, 10, 50, 50], "nut");
    const { state } = step(
      AT_REST,
      { type: "down", at: { x: 50, y: 50 }, under: { shape, handle: "se" } },
      canvas,
    );
    const { edits } = step(state, { type: "up", at: { x: 80, y: 90 } }, canvas);
    expect(edits[0]).toMatchObject({ type: "replace", shape: { bbox: [10, 10, 80, 90] } });
  });

  it("draws over another box when armed, and stops being armed", () => {
    const shape = boxShape([0, 0, 400, 300], "gear");
    const armed = { ...AT_REST, armed: true };
    const { state } = step(armed, { type: "down", at: { x: 5, y: 5 }, under: { shape, handle: null } }, canvas);
    const { state: end, edits } = step(state, { type: "up", at: { x: 50, y: 50 } }, canvas);
    expect(edits[0]?.type).toBe("add");
    expect(end.armed).toBe(false);
  });

  it("forgets a gesture on cancel", () => {
    const { state } = step(AT_REST, { type: "down", at: { x: 5, y: 5 }, under: nothing }, canvas);
    const { state: end, edits } = step(state, { type: "cancel" }, canvas);
    expect(end).toEqual(AT_REST);
    expect(edits).toEqual([]);
  });

  it("changes nothing on a locked canvas", () => {
    const shape = boxShape([10, 10, 50, 50], "nut");
    const locked = { ...canvas, locked: true };
    const { state } = step(AT_REST, { type: "down", at: { x: 20, y: 20 }, under: { shape, handle: "se" } }, locked);
    expect(state.selected).toBe(shape.id);
    expect(step(state, { type: "up", at: { x: 90, y: 90 } }, locked).edits).toEqual([]);
  });

  it("makes a model's box a person's when it is nudged", () => {
    const shape = { ...boxShape([10, 10, 50, 50], "nut"), source: "model" as const, score: 0.4 };
    expect(nudge(shape, { x: 1, y: 0 }, false, image)).toMatchObject({
      shape: { bbox: [11, 10, 51, 50], source: "human", score: null },
    });
  });
});

describe("history", () => {
  const nut = boxShape([10, 10, 50, 50], "nut");

  it("undoes and redoes", () => {
    const added = applyEdit(startHistory([]), { type: "add", shape: nut });
    expect(undo(added).present).toEqual([]);
    expect(redo(undo(added)).present).toEqual([nut]);
    expect(undo(startHistory([nut])).present).toEqual([nut]);
  });

  it("drops the future when something new happens", () => {
    const added = applyEdit(startHistory([]), { type: "add", shape: nut });
    const other = applyEdit(undo(added), { type: "add", shape: boxShape([0, 0, 9, 9], "gear") });
    expect(redo(other)).toBe(other);
  });

  it("takes the server's ids into the past as well", () => {
    const added = applyEdit(startHistory([]), { type: "add", shape: nut });
    const removed = applyEdit(added, { type: "remove", id: nut.id });
    const renamed = renameShapes(removed, new Map([[nut.id, "annotation_1"]]));
    expect(undo(renamed).present[0]?.id).toBe("annotation_1");
  });
});

describe("ids", () => {
  const stored = (id: string, bbox: Box): AnnotationOut => ({
    ...toAnnotation(boxShape(bbox, "nut")),
    id,
    bbox: [...bbox],
    segmentation: null,
    keypoints: null,
    attributes: {},
    score: null,
    source: "human",
    author: "lea",
    reviewed_by: null,
    external_id: null,
  });

  it("finds the stored twin of every new shape, in any order", () => {
    const a = boxShape([0, 0, 10, 10], "nut");
    const b = boxShape([5, 5, 20, 20], "nut");
    const ids = adoptedIds([a, b], [stored("two", [5, 5, 20, 20]), stored("one", [0, 0, 10, 10])]);
    expect(ids.get(a.id)).toBe("one");
    expect(ids.get(b.id)).toBe("two");
  });

  it("sends no made-up id", () => {
    expect(toAnnotation(boxShape([0, 0, 10, 10], "nut")).id).toBeNull();
  });
});
