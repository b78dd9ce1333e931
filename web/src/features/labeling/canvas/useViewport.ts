import { useCallback, useMemo, useState } from "react";

import type { Size } from "./shapes";
import { fit, type Viewport } from "./viewport";

type Change = (view: Viewport) => Viewport;

/** The viewport of an image on a stage: fitted at first, and again when either changes. */
export function useViewport(image: Size, stage: Size): [Viewport | null, (change: Change) => void] {
  const fitted = useMemo(() => (stage.width === 0 ? null : fit(image, stage)), [image, stage]);
  const [moved, setMoved] = useState<{ from: Viewport; view: Viewport } | null>(null);
  const view = moved !== null && moved.from === fitted ? moved.view : fitted;
  const change = useCallback(
    (next: Change) => {
      if (fitted === null) return;
      setMoved((now) => ({
        from: fitted,
        view: next(now !== null && now.from === fitted ? now.view : fitted),
      }));
    },
    [fitted],
  );
  return [view, change];
}
