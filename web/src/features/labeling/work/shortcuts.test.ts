import { describe, expect, it } from "vitest";

import { commandOf, type Key } from "./shortcuts";

const plain: Key = { key: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
const press = (key: string, more: Partial<Key> = {}) => ({ ...plain, key, ...more });
const hotkeys = ["1", "2", "q", null];

describe("shortcuts", () => {
  it("choose a class by its own key", () => {
    expect(commandOf(press("2"), "label", hotkeys)).toEqual({ type: "category", index: 1 });
    expect(commandOf(press("Q"), "label", hotkeys)).toEqual({ type: "category", index: 2 });
    expect(commandOf(press("7"), "label", hotkeys)).toBeNull();
  });

  it("move by one pixel, by ten with shift, and resize with alt", () => {
    expect(commandOf(press("ArrowLeft", { shiftKey: true }), "label", hotkeys)).toEqual({
      type: "nudge",
      x: -10,
      y: 0,
      resize: false,
    });
    expect(commandOf(press("ArrowDown", { altKey: true }), "label", hotkeys)).toMatchObject({
      y: 1,
      resize: true,
    });
  });

  it("undo and redo with and without control", () => {
    expect(commandOf(press("z"), "label", hotkeys)).toEqual({ type: "undo" });
    expect(commandOf(press("z", { ctrlKey: true }), "label", hotkeys)).toEqual({ type: "undo" });
    expect(commandOf(press("Z", { metaKey: true, shiftKey: true }), "label", hotkeys)).toEqual({ type: "redo" });
  });

  it("leave the browser its own keys", () => {
    expect(commandOf(press("r", { ctrlKey: true }), "review", hotkeys)).toBeNull();
    expect(commandOf(press("s", { ctrlKey: true }), "label", hotkeys)).toBeNull();
  });

  it("differ between labeling and review", () => {
    expect(commandOf(press("r"), "review", hotkeys)).toEqual({ type: "accept" });
    expect(commandOf(press("r"), "label", hotkeys)).toBeNull();
    expect(commandOf(press("1"), "review", hotkeys)).toBeNull();
    expect(commandOf(press("Enter"), "review", hotkeys)).toBeNull();
  });
});
