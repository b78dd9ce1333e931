import { useEffect, useRef } from "react";

import type { Board } from "./board";
import type { Point } from "./geometry/points";

type Target = React.RefObject<HTMLDivElement | null>;
type PointerInput = React.PointerEvent<HTMLDivElement>;

/** Turns mouse, pen and wheel into steps of the board. */
export function usePointer(container: Target, board: Board | null) {
  const panning = useRef(false);
  const space = useSpaceKey();
  useWheel(container, board);

  const mark = (node: HTMLElement) => {
    if (board !== null) node.setAttribute("data-cursor", panning.current || space.current ? "pan" : board.cursor());
  };
  return {
    onPointerDown(event: PointerInput) {
      if (board === null) return;
      letGoOfButtons();
      event.currentTarget.setPointerCapture(event.pointerId);
      const at = placeOf(event);
      panning.current = event.button === 1 || (event.button === 0 && space.current);
      if (panning.current) event.preventDefault();
      else if (event.button === 0) board.pointer("down", at, { remove: event.altKey, hidden: event.shiftKey });
      mark(event.currentTarget);
    },
    onMouseDown(event: React.MouseEvent) {
      // The press must not take the focus from a field that it has just opened.
      event.preventDefault();
    },
    onPointerMove(event: PointerInput) {
      if (panning.current) board?.pan({ x: event.movementX, y: event.movementY });
      else board?.pointer("move", placeOf(event));
      mark(event.currentTarget);
    },
    onPointerUp(event: PointerInput) {
      if (!panning.current && event.button === 0) board?.pointer("up", placeOf(event));
      panning.current = false;
      mark(event.currentTarget);
    },
    onPointerCancel: () => { board?.send({ type: "cancel" }); },
    onPointerLeave: () => { board?.leave(); },
    onDoubleClick: () => { board?.send({ type: "finish" }); },
    onContextMenu(event: React.MouseEvent) {
      event.preventDefault();
      board?.send({ type: "drop_point" });
    },
  };
}

function placeOf(event: PointerInput): Point {
  const rect = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - rect.left, y: event.clientY - rect.top };
}

/** Keys are for the image again, not for the button that was pressed last. */
function letGoOfButtons(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** Zooms at the cursor; a listener of our own, because React's wheel listener is passive. */
function useWheel(container: Target, board: Board | null): void {
  useEffect(() => {
    const node = container.current;
    if (node === null || board === null) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const rect = node.getBoundingClientRect();
      if (event.shiftKey) board.pan({ x: -event.deltaY - event.deltaX, y: 0 });
      else {
        const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016));
        board.zoom(factor, { x: event.clientX - rect.left, y: event.clientY - rect.top });
      }
    };
    node.addEventListener("wheel", onWheel, { passive: false });
    return () => { node.removeEventListener("wheel", onWheel); };
  }, [container, board]);
}

/** Whether the space bar is held: then a drag moves the view. */
function useSpaceKey(): React.RefObject<boolean> {
  const held = useRef(false);
  useEffect(() => {
    const change = (event: KeyboardEvent) => {
      if (event.code !== "Space" || event.target instanceof HTMLInputElement) return;
      held.current = event.type === "keydown";
    };
    window.addEventListener("keydown", change);
    window.addEventListener("keyup", change);
    return () => {
      window.removeEventListener("keydown", change);
      window.removeEventListener("keyup", change);
    };
  }, []);
  return held;
}
