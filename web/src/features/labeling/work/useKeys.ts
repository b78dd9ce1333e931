import { useEffect, useEffectEvent } from "react";

import type { Mode } from "./calls";
import { type Command, commandOf } from "./shortcuts";

interface KeysOptions {
  mode: Mode;
  hotkeys: readonly (string | null)[];
  /** A dialog is open: its own keys count. */
  paused: boolean;
  onCommand: (command: Command) => void;
}

/** Listens to the keyboard of the whole page, but not while somebody types into a field. */
export function useKeys({ mode, hotkeys, paused, onCommand }: KeysOptions): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (paused || isOn(event, ["INPUT", "TEXTAREA", "SELECT"])) return;
    const command = commandOf(event, mode, hotkeys);
    if (command === null) return;
    // A focused button keeps Enter and Tab for itself.
    const shared = command.type === "submit" || command.type === "next_shape";
    if (shared && isOn(event, ["BUTTON", "A"])) return;
    event.preventDefault();
    onCommand(command);
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => { onKey(event); };
    window.addEventListener("keydown", listen);
    return () => { window.removeEventListener("keydown", listen); };
  }, []);
}

function isOn(event: KeyboardEvent, tags: readonly string[]): boolean {
  return event.target instanceof HTMLElement && tags.includes(event.target.tagName);
}
