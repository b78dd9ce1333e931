import type { Mode } from "./calls";

export type Command =
  | { type: "category"; index: number }
  | { type: "nudge"; x: number; y: number; resize: boolean }
  | { type: "submit" | "skip" | "accept" | "reject" | "delete" | "new_box" | "cancel" }
  | { type: "undo" | "redo" | "fit" | "zoom_in" | "zoom_out" | "next_shape" | "suggest" | "help" };

/** The part of a keyboard event that decides. */
export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const BOTH: Record<string, Command> = {
  f: { type: "fit" },
  "+": { type: "zoom_in" },
  "=": { type: "zoom_in" },
  "-": { type: "zoom_out" },
  "?": { type: "help" },
  Tab: { type: "next_shape" },
  Escape: { type: "cancel" },
};

const BY_MODE: Record<Mode, Record<string, Command>> = {
  label: {
    Enter: { type: "submit" },
    Delete: { type: "delete" },
    Backspace: { type: "delete" },
    s: { type: "skip" },
    n: { type: "new_box" },
    p: { type: "suggest" },
    z: { type: "undo" },
    y: { type: "redo" },
  },
  review: { r: { type: "accept" }, x: { type: "reject" } },
};

/**
 * The command of a key, or null where it has none.
 *
 * Digits choose a class unless the project gave the class another key.
 */
export function commandOf(event: Key, mode: Mode, hotkeys: readonly (string | null)[]): Command | null {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return mode === "label" ? withControl(key, event.shiftKey) : null;
  const arrow = ARROWS[key];
  if (arrow !== undefined) {
    if (mode === "review") return null;
    const pixels = event.shiftKey ? 10 : 1;
    return { type: "nudge", x: arrow[0] * pixels, y: arrow[1] * pixels, resize: event.altKey };
  }
  if (event.altKey) return null;
  const index = hotkeys.findIndex((hotkey) => hotkey?.toLowerCase() === key);
  if (index >= 0 && mode === "label") return { type: "category", index };
  return BY_MODE[mode][key] ?? BOTH[key] ?? null;
}

function withControl(key: string, shift: boolean): Command | null {
  if (key === "z") return { type: shift ? "redo" : "undo" };
  if (key === "y") return { type: "redo" };
  return null;
}

/** What the help lists, for a mode. */
export function shortcutList(mode: Mode): readonly (readonly [keys: string, what: string])[] {
  const view = [
    ["Wheel, + −", "Zoom at the cursor"],
    ["Space and drag", "Move the view (or the middle button)"],
    ["F", "Show the whole image"],
    ["Tab", "Select the next shape"],
    ["Esc", "Cancel, then let go of the selection"],
    ["?", "This list"],
  ] as const;
  if (mode === "review") return [["R", "Accept"], ["X", "Reject with a comment"], ...view];
  return [
    ["1 to 9", "Choose the class; changes the selected shape"],
    ["N", "New box; N again puts one in the middle"],
    ["Arrows", "Move the box by 1 pixel, with Shift by 10"],
    ["Alt and arrows", "Resize the box"],
    ["Delete", "Remove the selected shape"],
    ["P", "Take the model’s suggestion"],
    ["Z, Ctrl Z", "Undo"],
    ["Y, Ctrl Shift Z", "Redo"],
    ["Enter", "Submit and open the next image"],
    ["S", "Skip the image, saying why"],
    ...view,
  ];
}
