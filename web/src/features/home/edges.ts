import type { ElementKey } from "./elements";
import type { Overview } from "./queries";
import type { Anchor } from "./routing";

/** How the diagram is laid out: the reference's long row, or a ring on narrower screens. */
export type Layout = "row" | "ring";

export interface Edge {
  id: string;
  from: ElementKey | "gate";
  to: ElementKey | "gate";
  row: readonly [Anchor, Anchor];
  ring: readonly [Anchor, Anchor];
  /** Kinds of running work that travel along this arrow. */
  kinds: readonly string[];
  /** The arrow also flows while this element is running or asks for attention. */
  element?: ElementKey;
  back?: boolean;
}

const RIGHT: Anchor = { side: "right" };
const LEFT: Anchor = { side: "left" };
const TOP: Anchor = { side: "top" };
const BOTTOM: Anchor = { side: "bottom" };

export const EDGES: readonly Edge[] = [
  {
    id: "data",
    from: "data_estate",
    to: "inner_loop",
    row: [RIGHT, LEFT],
    ring: [RIGHT, LEFT],
    kinds: ["ingest", "freeze", "import"],
    element: "data_estate",
  },
  {
    id: "setup",
    from: "administration",
    to: "inner_loop",
    row: [RIGHT, LEFT],
    ring: [RIGHT, LEFT],
    kinds: ["apply"],
  },
  {
    id: "register",
    from: "inner_loop",
    to: "registry",
    row: [RIGHT, LEFT],
    ring: [RIGHT, LEFT],
    kinds: ["register", "registration", "package", "export"],
    element: "registry",
  },
  {
    id: "trigger",
    from: "registry",
    to: "staging",
    row: [RIGHT, LEFT],
    ring: [BOTTOM, TOP],
    kinds: ["promotion", "pipeline"],
    element: "staging",
  },
  {
    id: "gate-in",
    from: "staging",
    to: "gate",
    row: [BOTTOM, TOP],
    ring: [LEFT, RIGHT],
    kinds: ["gates"],
    element: "staging",
  },
  {
    id: "gate-out",
    from: "gate",
    to: "production",
    row: [BOTTOM, TOP],
    ring: [LEFT, RIGHT],
    kinds: ["rollout", "deployment"],
  },
  {
    id: "observe",
    from: "production",
    to: "monitoring",
    row: [RIGHT, LEFT],
    ring: [LEFT, RIGHT],
    kinds: ["serving", "monitor", "batch"],
    element: "monitoring",
  },
  {
    id: "poor-images",
    from: "monitoring",
    to: "model_data_events",
    row: [{ side: "bottom", at: 0.35 }, RIGHT],
    ring: [{ side: "top", at: 0.9 }, { side: "bottom", at: 0.14 }],
    kinds: ["review_queue", "selection"],
    element: "model_data_events",
    back: true,
  },
  {
    id: "to-labeler",
    from: "model_data_events",
    to: "inner_loop",
    row: [{ side: "top" }, BOTTOM],
    ring: [TOP, BOTTOM],
    kinds: ["labeling", "relabel"],
    element: "model_data_events",
    back: true,
  },
  {
    id: "alarms",
    from: "monitoring",
    to: "infrastructure_events",
    row: [{ side: "bottom", at: 0.65 }, RIGHT],
    ring: [{ side: "top", at: 0.4 }, BOTTOM],
    kinds: ["alert"],
    element: "infrastructure_events",
    back: true,
  },
  {
    id: "to-administration",
    from: "infrastructure_events",
    to: "administration",
    row: [LEFT, BOTTOM],
    ring: [TOP, BOTTOM],
    kinds: ["change_proposal"],
    element: "infrastructure_events",
    back: true,
  },
];

/** Which arrows carry something right now. */
export function flowing(overview: Overview | undefined): ReadonlySet<string> {
  if (overview === undefined) return new Set();
  const kinds = new Set(overview.running.map((item) => item.kind));
  const busy = new Set(
    overview.elements
      .filter((element) => element.state === "running" || isCalling(element))
      .map((element) => element.key),
  );
  const active = EDGES.filter(
    (edge) =>
      edge.kinds.some((kind) => kinds.has(kind)) ||
      (edge.element !== undefined && busy.has(edge.element)),
  );
  return new Set(active.map((edge) => edge.id));
}

/** The two arrows back carry something as soon as their box asks for attention. */
function isCalling(element: Overview["elements"][number]): boolean {
  const back = element.key === "model_data_events" || element.key === "infrastructure_events";
  return back && (element.state === "attention" || element.state === "failing");
}
