import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { thumbnailUrl } from "@/features/data/queries";
import { count, number } from "@/ui/format";
import { PlainTable } from "@/ui/PlainTable";
import { shareRange } from "@/ui/scale";
import { StateBadge } from "@/ui/State";
import { Whisker } from "@/ui/Whisker";

import type { Gap } from "./queries";
import classes from "./Responsible.module.css";

export interface GapRow {
  key: string;
  name: ReactNode;
  gap: Gap;
  examples: readonly string[];
}

/** Groups of images against all others: quality and gap on common scales, and their worst images. */
export function GapTable({ title, rows }: { title: string; rows: readonly GapRow[] }) {
  const range = shareRange(rows.map((row) => row.gap.quality));
  const gapRange = shareRange(rows.map((row) => row.gap.gap));
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{title}</Table.Th>
          <Table.Th ta="right">Images</Table.Th>
          <Table.Th w="22%">Quality</Table.Th>
          <Table.Th w="22%">Gap to the rest</Table.Th>
          <Table.Th ta="right" title="Corrected for the number of comparisons">
            q-value
          </Table.Th>
          <Table.Th w={230}>Verdict</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ key, name, gap, examples }) => (
          <Table.Tr key={key}>
            <Table.Th scope="row" fw={500}>
              {name}
            </Table.Th>
            <Table.Td ta="right">{count(gap.support)}</Table.Td>
            <Table.Td>
              <Whisker estimate={gap.quality} range={range} />
            </Table.Td>
            <Table.Td>
              <Whisker estimate={gap.gap} range={gapRange} mark={0} tone={gap.is_weak ? "failing" : "idle"} />
            </Table.Td>
            <Table.Td ta="right">{number(gap.q_value)}</Table.Td>
            <Table.Td>{gap.is_weak ? <Weak examples={examples} /> : <span className="vl-dim">no gap</span>}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}

function Weak({ examples }: { examples: readonly string[] }) {
  const project = useProject();
  return (
    <div className={classes.weak}>
      <StateBadge state="weak" tone="failing" />
      {examples.slice(0, 3).map((id) => (
        <Link key={id} to={projectPath(project, `/data?image=${id}`)} title="One of its worst images">
          <img className={classes.small} src={thumbnailUrl(project, id, 128)} alt="One of its worst images" loading="lazy" />
        </Link>
      ))}
    </div>
  );
}
