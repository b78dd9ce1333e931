import { Group } from "@mantine/core";
import { useState } from "react";

import { EmptyState } from "@/ui/EmptyState";
import { words } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { ShowAll } from "@/ui/ShowAll";

import { GapTable } from "./GapTable";
import type { Content } from "./queries";

const FIRST = 8;

/** Images that share a label, a value, a third of a statistic, or a look, weakest first. */
export function Cohorts({ cohorts }: { cohorts: Content["cohorts"] }) {
  const [all, setAll] = useState(false);
  return (
    <Panel
      flush
      title="Cohorts"
      aside={
        <Group gap="sm">
          <span className="vl-dim">Images that share a value or a look, against all others</span>
          <ShowAll total={cohorts.length} first={FIRST} all={all} onChange={setAll} />
        </Group>
      }
    >
      {cohorts.length === 0 ? (
        <EmptyState title="No cohort is large enough">
          A comparison needs at least 20 images on both sides.
        </EmptyState>
      ) : (
        <GapTable
          title="Cohort"
          rows={(all ? cohorts : cohorts.slice(0, FIRST)).map((item) => ({
            key: `${item.kind} ${item.attribute}=${item.value}`,
            name: (
              <>
                <span className="vl-dim">{words(item.attribute)}</span> {item.value}
              </>
            ),
            gap: item.gap,
            examples: item.examples,
          }))}
        />
      )}
    </Panel>
  );
}
