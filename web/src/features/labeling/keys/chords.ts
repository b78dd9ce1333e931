/** The part of a keyboard event that decides. */
export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const MODIFIERS = ["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock"];

/**
 * A key with its modifiers as text, e.g. "Ctrl+Shift+Z"; null for a modifier alone.
 *
 * A sign that needs Shift on some keyboards ("?", "+") is named without it, so that it is found
 * on every keyboard; Command counts as Ctrl.
 */
export function chordOf(event: Key): string | null {
  if (MODIFIERS.includes(event.key)) return null;
  const printable = event.key.length === 1;
  const letter = printable && event.key.toLowerCase() !== event.key.toUpperCase();
  const name = event.key === " " ? "Space" : printable ? event.key.toUpperCase() : event.key;
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && (letter || !printable || name === "Space")) parts.push("Shift");
  return [...parts, name].join("+");
}

const SHOWN: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  PageUp: "Page up",
  PageDown: "Page down",
};

/** A chord as people read it. */
export function shownChord(chord: string): string {
  if (chord.endsWith("++")) return `${chord.slice(0, -2).replaceAll("+", " ")} +`;
  return chord === "+" ? chord : chord.split("+").map((part) => SHOWN[part] ?? part).join(" ");
}
