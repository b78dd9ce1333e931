import { describe, expect, it } from "vitest";

import { ACTIONS } from "./actions";
import { chordOf, type Key, shownChord } from "./chords";
import { commandOf, conflictsOf, keysOf, type Overrides, withKey } from "./keymap";

const plain: Key & { code?: string } = { key: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
const press = (key: string, more: Partial<typeof plain> = {}) => ({ ...plain, key, ...more });
const hotkeys = ["1", "2", "q", null];
const labeling = (event: typeof plain, overrides: Overrides = {}) => commandOf(event, "label", hotkeys, overrides);

describe("chords", () => {
  it("name letters with Shift and signs without", () => {
    expect(chordOf(press("z"))).toBe("Z");
    expect(chordOf(press("Z", { shiftKey: true, ctrlKey: true }))).toBe("Ctrl+Shift+Z");
    expect(chordOf(press("?", { shiftKey: true }))).toBe("?");
    expect(chordOf(press("PageUp", { shiftKey: true }))).toBe("Shift+PageUp");
    expect(chordOf(press(" "))).toBe("Space");
    expect(chordOf(press("Shift", { shiftKey: true }))).toBeNull();
  });

  it("are readable", () => {
    expect(["Ctrl+Shift+Z", "ArrowLeft", "+", "-"].map(shownChord)).toEqual(["Ctrl Shift Z", "←", "+", "-"]);
  });
});

describe("keys", () => {
  it("choose a class by its own key, with Shift for the next shape only", () => {
    expect(labeling(press("2", { code: "Digit2" }))).toEqual({ type: "category", index: 1, nextOnly: false });
    expect(labeling(press("!", { code: "Digit1", shiftKey: true }))).toEqual({ type: "category", index: 0, nextOnly: true });
    expect(labeling(press("q"))).toEqual({ type: "category", index: 2, nextOnly: false });
    expect(labeling(press("7"))).toBeNull();
  });

  it("move by one pixel, by ten with Shift, and resize with Alt", () => {
    expect(labeling(press("ArrowLeft", { shiftKey: true }))).toEqual({ type: "nudge", x: -10, y: 0, resize: false });
    expect(labeling(press("ArrowDown", { altKey: true }))).toMatchObject({ y: 1, resize: true });
  });

  it("undo and redo with and without control", () => {
    expect(labeling(press("z"))).toEqual({ type: "undo" });
    expect(labeling(press("z", { ctrlKey: true }))).toEqual({ type: "undo" });
    expect(labeling(press("Z", { metaKey: true, shiftKey: true }))).toEqual({ type: "redo" });
  });

  it("leave the browser its own", () => {
    expect(commandOf(press("r", { ctrlKey: true }), "review", hotkeys, {})).toBeNull();
    expect(labeling(press("s", { ctrlKey: true }))).toBeNull();
  });

  it("differ between labeling and review", () => {
    expect(commandOf(press("r"), "review", hotkeys, {})).toEqual({ type: "accept" });
    expect(labeling(press("r"))).toEqual({ type: "turn_right" });
    expect(commandOf(press("1"), "review", hotkeys, {})).toBeNull();
    expect(commandOf(press("Enter"), "review", hotkeys, {})).toBeNull();
  });

  it.each(["label", "review"] as const)("as delivered mean one thing each while one does: %s", (mode) => {
    const actions = ACTIONS.filter((action) => action.modes.includes(mode));
    const chords = actions.flatMap(({ keys }) => keys);
    expect(new Set(chords).size).toBe(chords.length);
    for (const { id, keys } of actions) {
      for (const key of keys) expect(conflictsOf(id, key, {}, [])).toEqual([]);
    }
  });
});

describe("chosen keys", () => {
  it("warn of what else uses them", () => {
    expect(conflictsOf("fit", "B", {}, [{ name: "nut", hotkey: "b" }])).toEqual(["Box", "class nut"]);
    expect(conflictsOf("fit", "F9", {}, [])).toEqual([]);
  });

  it("take a key from the action that had it", () => {
    const overrides = withKey({}, "fit", "Z");
    expect(labeling(press("z"), overrides)).toEqual({ type: "fit" });
    expect(keysOf("undo", overrides)).toEqual(["Ctrl+Z"]);
    expect(labeling(press("f"), overrides)).toBeNull();
  });

  it("move what the arrows did", () => {
    const overrides = withKey({}, "left", "Ctrl+J");
    expect(labeling(press("j", { ctrlKey: true }), overrides)).toEqual({ type: "nudge", x: -1, y: 0, resize: false });
  });
});
