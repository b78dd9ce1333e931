import type { Shape } from "../canvas/shapes";
import type { Desk } from "./commands";

/** The proposal in hand; null when a label or nothing is. */
export function heldProposal({ drawing, locked }: Pick<Desk, "drawing" | "locked">): Shape | null {
  const { selected, proposals } = drawing;
  return !locked && selected !== null && proposals.includes(selected) ? selected : null;
}

/** Accepts or rejects the proposal in hand and takes the next one; tells whether there was one. */
export function judgeHeld(verdict: "accept" | "reject", desk: Desk): boolean {
  const held = heldProposal(desk);
  if (held === null) return false;
  const { proposals } = desk.drawing;
  const at = proposals.indexOf(held);
  const next = proposals[at + 1] ?? proposals[at - 1] ?? null;
  desk.drawing.edit({ type: verdict, ids: [held.id] });
  desk.drawing.select(next?.id ?? null);
  if (next !== null) desk.board?.reveal(next);
  return true;
}
