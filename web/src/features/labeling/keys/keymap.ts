import type { Mode } from "../work/calls";
import { type ActionId, ACTIONS } from "./actions";
import { chordOf, type Key } from "./chords";

/** Keys that a person chose instead of the delivered ones. */
export type Overrides = Readonly<Partial<Record<ActionId, readonly string[]>>>;

export type Command =
  | { type: ActionId }
  | { type: "nudge"; x: number; y: number; resize: boolean }
  | { type: "category"; index: number; nextOnly: boolean };

const DIRECTIONS: Partial<Record<ActionId, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};
/** Image pixels that an arrow moves, and with Shift. */
const [STEP, LEAP] = [1, 10];

export function keysOf(id: ActionId, overrides: Overrides): readonly string[] {
  return overrides[id] ?? ACTIONS.find((action) => action.id === id)?.keys ?? [];
}

/** The actions that a mode knows; correcting during review uses the keys of labeling. */
export function actionsOf(mode: Mode) {
  return ACTIONS.filter((action) => action.modes.includes(mode));
}

/**
 * The command of a key, or null where it has none.
 *
 * Classes come first: the project gave them their keys. With Shift a class is chosen for the next
 * shape only.
 */
export function commandOf(
  event: Key & { code?: string },
  mode: Mode,
  hotkeys: readonly (string | null)[],
  overrides: Overrides,
): Command | null {
  const category = mode === "label" ? categoryOf(event, hotkeys) : null;
  if (category !== null) return category;
  const chord = chordOf(event);
  if (chord === null) return null;
  const exact = actionFor(chord, mode, overrides);
  if (exact !== null && DIRECTIONS[exact] === undefined) return { type: exact };
  return directionOf(event, mode, overrides);
}

function actionFor(chord: string, mode: Mode, overrides: Overrides): ActionId | null {
  return actionsOf(mode).find(({ id }) => keysOf(id, overrides).includes(chord))?.id ?? null;
}

function directionOf(event: Key, mode: Mode, overrides: Overrides): Command | null {
  // An event's values live on its prototype, so that it cannot be spread.
  const { key, ctrlKey, metaKey } = event;
  const plain = chordOf({ key, ctrlKey, metaKey, shiftKey: false, altKey: false });
  const id = plain === null ? null : actionFor(plain, mode, overrides);
  const direction = id === null ? undefined : DIRECTIONS[id];
  if (direction === undefined) return null;
  const pixels = event.shiftKey ? LEAP : STEP;
  return { type: "nudge", x: direction[0] * pixels, y: direction[1] * pixels, resize: event.altKey };
}

function categoryOf(event: Key & { code?: string }, hotkeys: readonly (string | null)[]): Command | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const digit = /^Digit(\d)$/.exec(event.code ?? "")?.[1];
  const key = event.shiftKey && digit !== undefined ? digit : event.key.toLowerCase();
  const index = hotkeys.findIndex((hotkey) => hotkey?.toLowerCase() === key);
  const nextOnly = event.shiftKey && digit !== undefined;
  return index < 0 ? null : { type: "category", index, nextOnly };
}

/** What else uses a key: other actions of the same mode, or a class. */
export function conflictsOf(
  id: ActionId,
  chord: string,
  overrides: Overrides,
  classes: readonly { name: string; hotkey: string | null }[],
): readonly string[] {
  const own = ACTIONS.find((action) => action.id === id);
  const others = ACTIONS.filter(
    (action) =>
      action.id !== id &&
      action.modes.some((mode) => own?.modes.includes(mode)) &&
      keysOf(action.id, overrides).includes(chord),
  );
  const taken = classes.filter(({ hotkey }) => hotkey?.toUpperCase() === chord);
  return [...others.map(({ what }) => what), ...taken.map(({ name }) => `class ${name}`)];
}

/** Gives an action one key and takes it from the actions that had it. */
export function withKey(overrides: Overrides, id: ActionId, chord: string): Overrides {
  const freed: Overrides = Object.fromEntries(
    ACTIONS.filter((action) => action.id !== id && keysOf(action.id, overrides).includes(chord)).map((action) => [
      action.id,
      keysOf(action.id, overrides).filter((key) => key !== chord),
    ]),
  );
  return { ...overrides, ...freed, [id]: [chord] };
}
