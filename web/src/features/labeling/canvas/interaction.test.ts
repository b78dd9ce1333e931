import { describe, expect, it } from "vitest";

import { AT_REST, type Interaction, type Outcome, type PointerStep, type Setting, step } from "./interaction";
import { applyEdit, type History, startHistory } from "./history";
import { fromRle, areaOf } from "./masks/bitmap";
import { boxShape, maskOf, ringShape, ringsOf, type Shape } from "./shapes";
import type { Tool } from "./tools";

const nothing = { shape: null, grip: null };

/** A canvas for tests: sends steps, keeps state and labels. */
class Hand {
  state: Interaction;
  history: History;
  locked = false;
  pinned: string[] = [];
  numKeypoints: number | null = null;

  constructor(tool: Tool, shapes: readonly Shape[] = [], selected: string | null = null) {
    this.state = { ...AT_REST, tool, selected };
    this.history = startHistory({ shapes, attributes: {}, proposals: [] });
  }

  get shapes() {
    return this.history.present.shapes;
  }

  get setting(): Setting {
    return {
      image: { width: 400, height: 300 },
      category: "bolt",
      held: this.shapes.find(({ id }) => id === this.state.selected) ?? null,
      locked: this.locked,
      isPinned: ({ id }) => this.pinned.includes(id),
      reach: 6,
      numKeypoints: this.numKeypoints,
    };
  }

  send(event: PointerStep): Outcome {
    const outcome = step(this.state, event, this.setting);
    this.state = outcome.state;
    this.history = outcome.edits.reduce(applyEdit, this.history);
    return outcome;
  }

  drag(from: [number, number], to: [number, number], under: (PointerStep & { type: "down" })["under"] = nothing) {
    this.send({ type: "down", at: { x: from[0], y: from[1] }, under });
    this.send({ type: "move", at: { x: (from[0] + to[0]) / 2, y: (from[1] + to[1]) / 2 } });
    return this.send({ type: "up", at: { x: to[0], y: to[1] } });
  }

  click(x: number, y: number, more: Partial<PointerStep & { type: "down" }> = {}) {
    this.send({ type: "down", at: { x, y }, under: nothing, ...more });
    return this.send({ type: "up", at: { x, y } });
  }
}

describe("box tool", () => {
  it("draws by dragging and takes the new box into the hand", () => {
    const hand = new Hand("box");
    hand.drag([10, 10], [70, 50]);
    expect(hand.shapes).toMatchObject([{ bbox: [10, 10, 70, 50], category: "bolt", kind: "box" }]);
    expect(hand.state).toMatchObject({ tool: "box", selected: hand.shapes[0]?.id });
  });

  it("selects what is clicked and draws over what is dragged upon", () => {
    const large = boxShape([0, 0, 400, 300], "gear");
    const hand = new Hand("box", [large]);
    hand.click(20, 20, { under: { shape: large, grip: null } });
    expect(hand.state.selected).toBe(large.id);
    hand.drag([30, 30], [90, 80], { shape: large, grip: null });
    expect(hand.shapes).toHaveLength(2);
  });

  it("moves a small box in hand and says nothing when it did not move", () => {
    const small = boxShape([10, 10, 50, 50], "nut");
    const hand = new Hand("box", [small], small.id);
    expect(hand.drag([20, 20], [20, 20], { shape: small, grip: null }).edits).toEqual([]);
    hand.drag([20, 20], [25, 30], { shape: small, grip: null });
    expect(hand.shapes[0]?.bbox).toEqual([15, 20, 55, 60]);
  });

  it("resizes by a handle and makes a model's box a person's", () => {
    const shape = { ...boxShape([10, 10, 50, 50], "nut"), source: "model" as const, score: 0.4 };
    const hand = new Hand("box", [shape], shape.id);
    hand.drag([50, 50], [80, 90], { shape, grip: { type: "handle", handle: "se" } });
    expect(hand.shapes[0]).toMatchObject({ bbox: [10, 10, 80, 90], source: "human", score: null });
  });

  it("forgets a gesture on cancel", () => {
    const hand = new Hand("box");
    hand.send({ type: "down", at: { x: 5, y: 5 }, under: nothing });
    hand.send({ type: "cancel" });
    expect(hand.send({ type: "up", at: { x: 90, y: 90 } }).edits).toEqual([]);
  });
});

describe("select tool", () => {
  it("moves any shape, also one that was not in hand", () => {
    const shape = ringShape("polygon", [{ x: 10, y: 10 }, { x: 60, y: 10 }, { x: 30, y: 60 }], "nut");
    const hand = new Hand("select", [shape]);
    hand.drag([30, 20], [40, 50], { shape, grip: null });
    expect(ringsOf(hand.shapes[0] ?? shape)).toEqual([[20, 40, 70, 40, 40, 90]]);
  });

  it("leaves locked shapes and a locked image alone", () => {
    const shape = boxShape([10, 10, 50, 50], "nut");
    const hand = new Hand("select", [shape]);
    hand.pinned = [shape.id];
    expect(hand.drag([20, 20], [90, 90], { shape, grip: null }).edits).toEqual([]);
    expect(hand.state.selected).toBe(shape.id);
    hand.pinned = [];
    hand.locked = true;
    expect(hand.drag([20, 20], [90, 90], { shape, grip: null }).edits).toEqual([]);
  });
});

describe("polygon and line tools", () => {
  it("close a polygon at its first corner", () => {
    const hand = new Hand("polygon");
    hand.click(10, 10);
    hand.click(80, 10);
    hand.click(80, 60);
    hand.click(12, 11);
    expect(hand.shapes).toMatchObject([{ kind: "polygon", segmentation: [[10, 10, 80, 10, 80, 60]], bbox: [10, 10, 80, 60] }]);
  });

  it("take back one corner after the other", () => {
    const hand = new Hand("polyline");
    hand.click(10, 10);
    hand.click(80, 10);
    hand.click(99, 99);
    hand.send({ type: "drop_point" });
    hand.send({ type: "finish" });
    expect(hand.shapes).toMatchObject([{ kind: "polyline", segmentation: [[10, 10, 80, 10]] }]);
    hand.click(10, 10);
    hand.send({ type: "drop_point" });
    expect(hand.state.gesture.type).toBe("none");
  });

  it("do not end with too few corners", () => {
    const hand = new Hand("polygon");
    hand.click(10, 10);
    hand.click(80, 10);
    expect(hand.send({ type: "finish" }).edits).toEqual([]);
    expect(hand.state.gesture.type).toBe("path");
  });

  it("insert a corner at an edge and remove one with Alt", () => {
    const shape = ringShape("polygon", [{ x: 10, y: 10 }, { x: 90, y: 10 }, { x: 50, y: 90 }], "nut");
    const hand = new Hand("select", [shape], shape.id);
    hand.drag([50, 10], [50, 2], { shape, grip: { type: "edge", ring: 0, index: 0 } });
    expect(ringsOf(hand.shapes[0] ?? shape)).toEqual([[10, 10, 50, 2, 90, 10, 50, 90]]);
    expect(hand.state.grip).toEqual({ type: "vertex", ring: 0, index: 1 });
    hand.click(50, 2, { under: { shape, grip: { type: "vertex", ring: 0, index: 1 } }, remove: true });
    expect(ringsOf(hand.shapes[0] ?? shape)).toEqual([[10, 10, 90, 10, 50, 90]]);
    hand.click(50, 90, { under: { shape, grip: { type: "vertex", ring: 0, index: 2 } }, remove: true });
    expect(ringsOf(hand.shapes[0] ?? shape)[0]).toHaveLength(6);
  });
});

describe("keypoints tool", () => {
  it("ends with the last point of the skeleton, hidden and left out ones included", () => {
    const hand = new Hand("keypoints");
    hand.numKeypoints = 3;
    hand.click(10, 20);
    hand.click(30, 40, { hidden: true });
    hand.send({ type: "skip_point" });
    expect(hand.shapes).toMatchObject([
      { kind: "keypoints", keypoints: [[10, 20, 2], [30, 40, 1], [0, 0, 0]], bbox: [10, 20, 30, 40] },
    ]);
  });

  it("fills up a skeleton that was ended early", () => {
    const hand = new Hand("keypoints");
    hand.numKeypoints = 3;
    hand.click(10, 20);
    hand.send({ type: "finish" });
    expect(hand.shapes[0]?.keypoints).toEqual([[10, 20, 2], [0, 0, 0], [0, 0, 0]]);
  });
});

describe("brush and eraser", () => {
  it("add to the mask in hand, and remove a mask that was wiped out", () => {
    const hand = new Hand("brush");
    hand.drag([50, 50], [50, 50]);
    const first = hand.shapes[0];
    hand.drag([50, 50], [90, 50]);
    expect(hand.shapes).toHaveLength(1);
    expect(hand.shapes[0]?.id).toBe(first?.id);
    const mask = hand.shapes[0] && maskOf(hand.shapes[0]);
    expect(mask && areaOf(fromRle(mask))).toBeGreaterThan(16 * 40);
    expect(hand.shapes[0]?.bbox).toEqual([42, 42, 98, 58]);
    hand.state = { ...hand.state, tool: "eraser", radius: 60 };
    hand.drag([60, 50], [70, 50]);
    expect(hand.shapes).toEqual([]);
  });

  it("erase nothing where no mask is", () => {
    const hand = new Hand("eraser");
    expect(hand.drag([50, 50], [90, 50]).edits).toEqual([]);
  });
});

describe("rotated box tool", () => {
  it("draws upright and turns by its handle", () => {
    const hand = new Hand("rotated_box");
    hand.drag([100, 100], [200, 140]);
    const shape = hand.shapes[0];
    if (shape === undefined) throw new Error("a rotated box was drawn");
    expect(shape.segmentation).toEqual([[100, 100, 200, 100, 200, 140, 100, 140]]);
    hand.drag([150, 74], [196, 120], { shape, grip: { type: "turn" } });
    const [ring] = ringsOf(hand.shapes[0] ?? shape);
    expect(ring?.[0]).toBeCloseTo(170);
    expect(ring?.[1]).toBeCloseTo(70);
  });
});
