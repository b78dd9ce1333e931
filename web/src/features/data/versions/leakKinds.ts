import type { LeakKind } from "./queries";

/** The ways in which one image gives another away, the surest first. */
export const KINDS: readonly { kind: LeakKind; title: string; what: string }[] = [
  { kind: "exact", title: "Same file", what: "equal bytes" },
  { kind: "group", title: "Same group", what: "one subject, scene or session" },
  { kind: "near-duplicate", title: "Look alike", what: "nearly equal pictures" },
];
