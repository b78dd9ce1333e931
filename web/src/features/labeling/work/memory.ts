import type { Shape } from "../canvas/shapes";
import type { Tool } from "../canvas/tools";

/** What goes along from one image to the next. */
export interface Habits {
  /** The tool in hand, and the last one that drew. */
  tool: Tool | null;
  lastTool: Tool | null;
  category: string | null;
  radius: number;
}

const FIRST: Habits = { tool: null, lastTool: null, category: null, radius: 8 };
const placeOf = (project: string) => `visionloop.labeling.${project}`;

export function habitsOf(project: string): Habits {
  try {
    return { ...FIRST, ...(JSON.parse(sessionStorage.getItem(placeOf(project)) ?? "{}") as Partial<Habits>) };
  } catch {
    return FIRST;
  }
}

export function keepHabits(project: string, habits: Partial<Habits>): void {
  sessionStorage.setItem(placeOf(project), JSON.stringify({ ...habitsOf(project), ...habits }));
}

let copy: Shape | null = null;

/** The copied shape outlives the image that it was copied from. */
export const clipboard = {
  get: () => copy,
  set: (shape: Shape) => { copy = shape; },
};
