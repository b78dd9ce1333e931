import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError, Unreachable } from "@/api/problem";

import type { Labels } from "../canvas/history";
import { type AnnotationOut, classShape, toAnnotation } from "../canvas/shapes";
import type { Stored } from "../work/calls";
import { createSaver, type Names, type SaveState } from "./saver";

const one: Labels = { shapes: [classShape("nut")], attributes: {}, proposals: [] };
const two: Labels = { shapes: [...one.shapes, classShape("bolt")], attributes: {}, proposals: [] };

/** A server that keeps revisions and can be told to fail. */
function server() {
  const calls: { labels: Labels; revision: number; ids: (string | null | undefined)[] }[] = [];
  const failures: Error[] = [];
  let revision = 3;
  const send = (labels: Labels, expected: number, names: Names): Promise<Stored> => {
    const ids = labels.shapes.map((shape) => toAnnotation(shape, names).id);
    calls.push({ labels, revision: expected, ids });
    const failure = failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    revision = expected + 1;
    const annotations = labels.shapes.map((shape, index) => ({
      ...toAnnotation(shape),
      id: `stored-${String(index)}`,
      bbox: null as AnnotationOut["bbox"],
      segmentation: null,
      keypoints: null,
      attributes: {},
      score: null,
      source: "human" as const,
      author: "lea",
      reviewed_by: null,
      external_id: null,
    }));
    return Promise.resolve({ revision, annotations, attributes: labels.attributes });
  };
  return { calls, failures, send };
}

const theirs: Stored = { revision: 9, annotations: [], attributes: {} };

function start() {
  const remote = server();
  const states: SaveState[] = [];
  const kept: (Labels | null)[] = [];
  const saver = createSaver({
    first: { revision: 3, annotations: [], attributes: {} },
    send: remote.send,
    onState: (state) => states.push(state),
    keep: (what) => kept.push(what?.labels ?? null),
  });
  return { ...remote, states, kept, saver };
}

describe("saver", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("sends the newest shapes once after a pause", async () => {
    const { saver, calls, states } = start();
    saver.change(one);
    saver.change(two);
    await vi.advanceTimersByTimeAsync(300);
    expect(calls).toMatchObject([{ labels: two, revision: 3 }]);
    expect(states.at(-1)).toEqual({ phase: "saved" });
    expect(saver.isDirty()).toBe(false);
  });

  it("names the new revision in the next save", async () => {
    const { saver, calls } = start();
    saver.change(one);
    await saver.flush();
    saver.change(two);
    await saver.flush();
    expect(calls.map((call) => call.revision)).toEqual([3, 4]);
  });

  it("sends a shape under the id it got while the next save waited", async () => {
    const { saver, calls } = start();
    saver.change(one);
    const first = saver.flush();
    saver.change(two);
    await first;
    await saver.flush();
    expect(calls.at(-1)?.ids).toEqual(["stored-0", null]);
  });

  it("keeps the shapes and tries again when the server does not answer", async () => {
    const { saver, calls, failures, states } = start();
    failures.push(new Unreachable());
    saver.change(one);
    await vi.advanceTimersByTimeAsync(300);
    expect(states.at(-1)?.phase).toBe("failed");
    expect(saver.isDirty()).toBe(true);
    await vi.advanceTimersByTimeAsync(4100);
    expect(calls).toHaveLength(2);
    expect(states.at(-1)).toEqual({ phase: "saved" });
  });

  it("stops and asks when someone else saved in between", async () => {
    const { saver, calls, failures, states } = start();
    failures.push(new ApiError(409, { code: "stale_annotations", detail: "revision 9" }));
    saver.change(one);
    expect(await saver.flush()).toBe(false);
    expect(states.at(-1)).toEqual({ phase: "conflict", message: "revision 9" });
    saver.change(two);
    await vi.advanceTimersByTimeAsync(9000);
    expect(calls).toHaveLength(1);
    expect(await saver.overwrite(theirs, two)).toBe(true);
    expect(calls.at(-1)).toMatchObject({ labels: two, revision: 9 });
  });

  it("forgets its own shapes when the other's are taken", async () => {
    const { saver, calls, failures } = start();
    failures.push(new ApiError(409, { code: "stale_annotations" }));
    saver.change(one);
    await saver.flush();
    saver.adopt(theirs);
    expect(saver.isDirty()).toBe(false);
    expect(await saver.flush()).toBe(true);
    expect(calls).toHaveLength(1);
  });

  it("keeps every change in a safe place until the server has it", async () => {
    const { saver, kept, failures } = start();
    failures.push(new Unreachable());
    saver.change(one);
    await vi.advanceTimersByTimeAsync(150);
    expect(kept).toEqual([one]);
    await vi.advanceTimersByTimeAsync(200);
    saver.change(two);
    await vi.advanceTimersByTimeAsync(150);
    expect(kept.at(-1)).toEqual(two);
    await vi.advanceTimersByTimeAsync(4100);
    expect(kept.at(-1)).toBeNull();
  });

  it("knows both sides of a merge under the server's ids", async () => {
    const { saver, failures } = start();
    saver.change(one);
    await saver.flush();
    failures.push(new ApiError(409, { code: "stale_annotations" }));
    saver.change(two);
    await saver.flush();
    const { base, mine } = saver.sides();
    expect(base.shapes.map(({ id }) => id)).toEqual(["stored-0"]);
    expect(mine.shapes.map(({ id }) => id)).toEqual(["stored-0", two.shapes[1]?.id]);
  });

  it("sends what is left when the workspace closes", async () => {
    const { saver, calls } = start();
    saver.change(one);
    saver.dispose();
    await vi.runAllTimersAsync();
    expect(calls).toHaveLength(1);
  });
});
