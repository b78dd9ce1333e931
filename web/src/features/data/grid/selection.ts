/** Chosen images: some by id, or everything that matches the filters except a few. */
export interface Selection {
  all: boolean;
  /** Ids that are chosen, or, where all are, ids that are not. */
  ids: ReadonlySet<string>;
}

export const NOTHING: Selection = { all: false, ids: new Set() };
export const EVERYTHING: Selection = { all: true, ids: new Set() };

export function isChosen(selection: Selection, id: string): boolean {
  return selection.ids.has(id) !== selection.all;
}

/** How many of `total` matching images are chosen. */
export function countChosen(selection: Selection, total: number): number {
  return selection.all ? Math.max(total - selection.ids.size, 0) : selection.ids.size;
}

/** The selection with these images chosen, or not. */
export function withChosen(selection: Selection, ids: readonly string[], chosen: boolean): Selection {
  const next = new Set(selection.ids);
  for (const id of ids) {
    if (chosen === selection.all) next.delete(id);
    else next.add(id);
  }
  return { all: selection.all, ids: next };
}

/** Indices from one tile to another, both included, whichever comes first. */
export function span(from: number, to: number): number[] {
  const start = Math.min(from, to);
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, step) => start + step);
}

/** Filters longer than this are refused; an id takes 66 letters of one. */
const MAX_EXCEPTIONS = 40;

/** The selection as the API takes it; `null` where too many were taken out of everything to say it. */
export function toRequest(selection: Selection, filter: string): { image_ids: string[] } | { filter: string } | null {
  if (!selection.all) return { image_ids: [...selection.ids] };
  if (selection.ids.size === 0) return { filter };
  if (selection.ids.size > MAX_EXCEPTIONS) return null;
  const rest = `not id in (${[...selection.ids].join(", ")})`;
  return { filter: filter === "" ? rest : `(${filter}) and ${rest}` };
}
