import { useCallback, useState } from "react";

import { useMe } from "@/app/session";

import type { ActionId } from "./actions";
import { type Overrides, withKey } from "./keymap";

/** The keys of the signed-in user, kept in this browser. */
export function useKeymap() {
  const user = useMe().data?.name ?? "";
  const place = `visionloop.keys.${user}`;
  const [overrides, setOverrides] = useState<Overrides>(() => read(place));
  const keep = useCallback(
    (next: Overrides) => {
      setOverrides(next);
      localStorage.setItem(place, JSON.stringify(next));
    },
    [place],
  );
  return {
    overrides,
    remap: (id: ActionId, chord: string) => { keep(withKey(overrides, id, chord)); },
    reset: () => { keep({}); },
  };
}

export type Keymap = ReturnType<typeof useKeymap>;

function read(place: string): Overrides {
  try {
    return JSON.parse(localStorage.getItem(place) ?? "{}") as Overrides;
  } catch {
    return {};
  }
}
