import { EmptyState } from "@/ui/EmptyState";
import { words } from "@/ui/format";
import { Panel } from "@/ui/Page";

import { GapTable } from "./GapTable";
import type { Content } from "./queries";
import classes from "./Responsible.module.css";

/** Combinations of conditions, found on one half of the images and judged on the other. */
export function WorstSlices({ slices }: { slices: Content["slices"] }) {
  return (
    <Panel
      flush
      title="Worst slices"
      aside={<span className="vl-dim">Searched for on one half of the images, judged on the other</span>}
    >
      {slices.length === 0 ? (
        <EmptyState title="Too few images to search">
          The search needs about a hundred images, half of them to check what it finds.
        </EmptyState>
      ) : (
        <GapTable
          title="Conditions"
          rows={slices.map((item) => ({
            key: item.conditions.join(" and "),
            name: (
              <span className={classes.conditions}>
                {item.conditions.map((text) => (
                  <span key={text}>{words(text)}</span>
                ))}
              </span>
            ),
            gap: item.confirmed,
            examples: item.examples,
          }))}
        />
      )}
    </Panel>
  );
}
