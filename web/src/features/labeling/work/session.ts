import type { History, Labels } from "../canvas/history";
import { startHistory } from "../canvas/history";
import { AT_REST, type Interaction } from "../canvas/interaction";
import type { Shape } from "../canvas/shapes";
import type { Tool } from "../canvas/tools";
import { createStore, type Store } from "../store";

/** What a person does to the view of shapes; nothing of it is saved. */
export interface Marks {
  locked: ReadonlySet<string>;
  hidden: ReadonlySet<string>;
  allHidden: boolean;
  /** Proposals below this score are not shown, 0 to 1. */
  threshold: number;
}

/** The state of one image while it is open. */
export interface Session {
  history: Store<History>;
  interaction: Store<Interaction>;
  marks: Store<Marks>;
}

export function createSession(labels: Labels, tool: Tool, radius: number): Session {
  return {
    history: createStore(startHistory(labels)),
    interaction: createStore<Interaction>({ ...AT_REST, tool, radius }),
    marks: createStore<Marks>({ locked: new Set(), hidden: new Set(), allHidden: false, threshold: 0 }),
  };
}

export function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** The shapes that are painted and can be hit. */
export function shownShapes(shapes: readonly Shape[], marks: Marks): readonly Shape[] {
  if (marks.allHidden) return [];
  return marks.hidden.size === 0 ? shapes : shapes.filter((shape) => !marks.hidden.has(shape.id));
}

/** The proposals of a model that is sure enough; one without a score always is. */
export function sureEnough(proposals: readonly Shape[], threshold: number): readonly Shape[] {
  return threshold === 0 ? proposals : proposals.filter(({ score }) => score === null || score >= threshold);
}
