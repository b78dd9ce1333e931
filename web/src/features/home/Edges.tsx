import classes from "./Edges.module.css";
import { EDGES, type Layout } from "./edges";
import { headPath, linePath, type Rect, route } from "./routing";

interface EdgesProps {
  boxes: ReadonlyMap<string, Rect>;
  layout: Layout;
  active: ReadonlySet<string>;
}

/** The arrows of the diagram, drawn behind its boxes. */
export function Edges({ boxes, layout, active }: EdgesProps) {
  return (
    <svg className={classes.layer} aria-hidden>
      {EDGES.map((edge) => {
        const from = boxes.get(edge.from);
        const to = boxes.get(edge.to);
        if (from === undefined || to === undefined) return null;
        const [leave, meet] = edge[layout];
        const points = route(from, to, leave, meet);
        const line = linePath(points);
        const flows = active.has(edge.id);
        return (
          <g
            key={edge.id}
            className={classes.edge}
            data-flows={flows || undefined}
            data-back={edge.back}
          >
            <path className={classes.line} d={line} />
            {flows && <path className={classes.pulse} d={line} />}
            <path className={classes.head} d={headPath(points)} />
          </g>
        );
      })}
    </svg>
  );
}
