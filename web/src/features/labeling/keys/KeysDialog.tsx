import { Button, Group, Kbd, Modal, Text } from "@mantine/core";
import { useEffect, useEffectEvent, useState } from "react";

import type { Mode } from "../work/calls";
import { type Action, type ActionId } from "./actions";
import { chordOf, shownChord } from "./chords";
import { actionsOf, conflictsOf, keysOf } from "./keymap";
import classes from "./KeysDialog.module.css";
import type { Keymap } from "./useKeymap";

interface KeysDialogProps {
  mode: Mode;
  keymap: Keymap;
  classes: readonly { name: string; hotkey: string | null }[];
  opened: boolean;
  onClose: () => void;
}

interface Wish {
  id: ActionId;
  chord: string;
  conflicts: readonly string[];
}

const GROUPS: readonly Action["group"][] = ["Draw", "Edit", "Arrange", "Finish", "View"];

/** Every action with its keys; a click on a key listens for another one. */
export function KeysDialog(props: KeysDialogProps) {
  const { mode, opened, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size={920} closeOnEscape={false}>
      {opened && <KeyList {...props} key={mode} />}
    </Modal>
  );
}

function KeyList({ mode, keymap, classes: categories, onClose }: KeysDialogProps) {
  const [listening, setListening] = useState<ActionId | null>(null);
  const [wish, setWish] = useState<Wish | null>(null);
  useNextKey((chord) => {
    if (listening === null) {
      if (chord === "Escape" || chord === "?") onClose();
      return false;
    }
    setListening(null);
    if (chord === "Escape") return true;
    const conflicts = conflictsOf(listening, chord, keymap.overrides, categories);
    if (conflicts.length > 0) setWish({ id: listening, chord, conflicts });
    else keymap.remap(listening, chord);
    return true;
  });
  return (
    <>
      <Text size="sm" className="vl-dim" mb="sm">
        {mode === "label" && "Digits choose the class, with Shift for the next shape only. "}
        Wheel zooms, Space and drag moves the view. Click a key to change it; your keys stay in this browser.
      </Text>
      {wish !== null && <Clash wish={wish} keymap={keymap} onDone={() => { setWish(null); }} />}
      <div className={classes.columns}>
        {GROUPS.map((group) => (
          <section key={group} className={classes.group}>
            <h3>{group}</h3>
            {actionsOf(mode)
              .filter((action) => action.group === group)
              .map((action) => (
                <div key={action.id} className={classes.row}>
                  <button
                    type="button"
                    className={classes.keys}
                    aria-label={`Change the key of: ${action.what}`}
                    data-listening={listening === action.id || undefined}
                    onClick={() => { setListening(action.id); }}
                  >
                    {listening === action.id
                      ? "Press a key"
                      : keysOf(action.id, keymap.overrides).map((key) => <Kbd key={key} size="xs">{shownChord(key)}</Kbd>)}
                  </button>
                  <span>{action.what}</span>
                </div>
              ))}
          </section>
        ))}
      </div>
      <Group justify="flex-end" mt="md">
        <Button variant="default" disabled={Object.keys(keymap.overrides).length === 0} onClick={keymap.reset}>
          All keys as delivered
        </Button>
      </Group>
    </>
  );
}

function Clash({ wish, keymap, onDone }: { wish: Wish; keymap: Keymap; onDone: () => void }) {
  const takes = wish.conflicts.filter((what) => !what.startsWith("class "));
  return (
    <div className={classes.clash} role="alert">
      <span>
        {shownChord(wish.chord)} already means: {wish.conflicts.join("; ")}.
        {takes.length < wish.conflicts.length && " The key of a class always wins."}
      </span>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={onDone}>
          Leave it
        </Button>
        <Button
          size="compact-sm"
          onClick={() => {
            keymap.remap(wish.id, wish.chord);
            onDone();
          }}
        >
          Use it here
        </Button>
      </Group>
    </div>
  );
}

/** Hands over the next key before anything else gets it; true keeps it from others. */
function useNextKey(onChord: (chord: string) => boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const chord = chordOf(event);
    if (chord === null || !onChord(chord)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => { onKey(event); };
    window.addEventListener("keydown", listen, { capture: true });
    return () => { window.removeEventListener("keydown", listen, { capture: true }); };
  }, []);
}
