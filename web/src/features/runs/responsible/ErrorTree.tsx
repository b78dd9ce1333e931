import { EmptyState } from "@/ui/EmptyState";
import { count, percent, words } from "@/ui/format";
import { Panel } from "@/ui/Page";

import type { TreeNode } from "./queries";
import classes from "./Responsible.module.css";

/** Conditions, one after the other, that lead to where the errors are. */
export function ErrorTree({ nodes }: { nodes: readonly TreeNode[] }) {
  return (
    <Panel title="Error tree" aside={<span className="vl-dim">The bar is the share of all errors that lie there</span>}>
      {nodes.length < 2 ? (
        <EmptyState title="Errors follow no rule">
          No condition that holds for images outside the search tells where errors are.
        </EmptyState>
      ) : (
        <ul className={classes.tree}>
          <Branch nodes={nodes} position={0} />
        </ul>
      )}
    </Panel>
  );
}

function Branch({ nodes, position }: { nodes: readonly TreeNode[]; position: number }) {
  const node = nodes[position];
  if (node === undefined) return null;
  const children = nodes.flatMap((item, index) => (item.parent === position ? [index] : []));
  const share = `${(node.share_of_errors * 100).toFixed(0)}%`;
  return (
    <li>
      <div className={classes.node}>
        <span className={classes.rule}>{words(node.rule)}</span>
        <span className={classes.share} role="img" aria-label={`${share} of the errors`} title={`${share} of the errors`}>
          <i style={{ width: share }} />
        </span>
        <span className="vl-dim">
          {share} of errors · {count(node.support)} images · quality {percent(node.quality.value)}
        </span>
      </div>
      {children.length > 0 && (
        <ul className={classes.tree}>
          {children.map((child) => (
            <Branch key={child} nodes={nodes} position={child} />
          ))}
        </ul>
      )}
    </li>
  );
}
