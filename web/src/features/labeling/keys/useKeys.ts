import { useEffect, useEffectEvent } from "react";

import type { Mode } from "../work/calls";
import { type Command, commandOf, type Overrides } from "./keymap";

interface KeysOptions {
  mode: Mode;
  hotkeys: readonly (string | null)[];
  overrides: Overrides;
  /** A dialog is open: its own keys count. */
  paused: boolean;
  onCommand: (command: Command) => void;
}

/** Keys that a focused button or link keeps for itself. */
const SHARED = ["enter", "press", "next_shape", "previous_shape"];

/** Listens to the keyboard of the whole page, but not while somebody types into a field. */
export function useKeys({ mode, hotkeys, overrides, paused, onCommand }: KeysOptions): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (paused || isOn(event, ["INPUT", "TEXTAREA", "SELECT"])) return;
    const command = commandOf(event, mode, hotkeys, overrides);
    if (command === null) return;
    if (SHARED.includes(command.type) && isOn(event, ["BUTTON", "A"])) return;
    event.preventDefault();
    if (event.repeat && !REPEATING.includes(command.type)) return;
    onCommand(command);
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => { onKey(event); };
    window.addEventListener("keydown", listen);
    return () => { window.removeEventListener("keydown", listen); };
  }, []);
}

/** What a held key does again and again. */
const REPEATING = ["nudge", "undo", "redo", "zoom_in", "zoom_out", "turn_left", "turn_right", "next_shape", "smaller_brush", "larger_brush"];

function isOn(event: KeyboardEvent, tags: readonly string[]): boolean {
  return event.target instanceof HTMLElement && tags.includes(event.target.tagName);
}
