import type { Labels } from "../canvas/history";
import type { Shape } from "../canvas/shapes";

/** What became of two sets of changes to the same labels. */
export interface Merge {
  labels: Labels;
  /** Changes that only one side made. */
  numMine: number;
  numTheirs: number;
  /** Shapes that both changed differently; the merge holds mine. */
  clashes: readonly string[];
}

/**
 * Joins what two people made of the same labels.
 *
 * A shape that one side changed, added or removed is as that side left it. Where both changed it,
 * mine wins and the shape is named; where one removed what the other changed, the change wins.
 */
export function mergedLabels(base: Labels, mine: Labels, theirs: Labels): Merge {
  const [before, ours, others] = [base, mine, theirs].map(({ shapes }) => byId(shapes)) as [Named, Named, Named];
  const clashes: string[] = [];
  let [numMine, numTheirs] = [0, 0];
  const choose = (id: string): Shape | undefined => {
    const [was, my, their] = [before.get(id), ours.get(id), others.get(id)];
    const [changedMine, changedTheirs] = [!alike(was, my), !alike(was, their)];
    if (changedMine && changedTheirs && !alike(my, their)) {
      clashes.push(id);
      return my ?? their;
    }
    if (changedMine) numMine += 1;
    else if (changedTheirs) numTheirs += 1;
    return changedMine ? my : their;
  };
  const order = orderOf(base, mine, theirs);
  const shapes = order.flatMap((id) => choose(id) ?? []);
  const attributes = mergedValues(base.attributes, mine.attributes, theirs.attributes);
  return { labels: { shapes, attributes, proposals: mine.proposals }, numMine, numTheirs, clashes };
}

type Named = ReadonlyMap<string, Shape>;

function byId(shapes: readonly Shape[]): Named {
  return new Map(shapes.map((shape) => [shape.id, shape]));
}

/** Equal as far as a person sees; both missing counts as equal. */
function alike(a: Shape | undefined, b: Shape | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || content(a) === content(b);
}

function content({ category, kind, bbox, segmentation, keypoints, attributes }: Shape): string {
  const facts = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([category, kind, bbox, segmentation, keypoints, facts]);
}

/** My order where I changed it, else theirs; what the other side added comes last. */
function orderOf(base: Labels, mine: Labels, theirs: Labels): readonly string[] {
  const ids = ({ shapes }: Labels) => shapes.map(({ id }) => id);
  const kept = new Set(ids(mine));
  const untouched = ids(base).filter((id) => kept.has(id)).join() === ids(mine).filter((id) => ids(base).includes(id)).join();
  const [first, second] = untouched ? [theirs, mine] : [mine, theirs];
  return [...new Set([...ids(first), ...ids(second)])];
}

type Values = Labels["attributes"];

function mergedValues(base: Values, mine: Values, theirs: Values): Values {
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return Object.fromEntries(
    [...names].map((name) => [name, same(base[name], mine[name]) ? theirs[name] : mine[name]] as const).filter(([, value]) => value !== undefined),
  );
}
