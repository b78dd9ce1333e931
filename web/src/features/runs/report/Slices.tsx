import { Group, Table } from "@mantine/core";
import { useState } from "react";

import { EmptyState } from "@/ui/EmptyState";
import { count, number, words } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";
import { shareRange } from "@/ui/scale";
import { ShowAll } from "@/ui/ShowAll";
import { StateBadge } from "@/ui/State";
import { Whisker } from "@/ui/Whisker";

import type { Report } from "../queries";

const FIRST = 10;

/** Parts of the images by camera and by image statistics, weakest first. */
export function Slices({ slices }: { slices: Report["slices"] }) {
  const [all, setAll] = useState(false);
  const sorted = [...slices].sort(
    (a, b) => Number(b.is_weak) - Number(a.is_weak) || a.gap.value - b.gap.value,
  );
  return (
    <Panel
      flush
      title="Slices"
      aside={
        <Group gap="sm">
          <span className="vl-dim">Accuracy against all other images</span>
          <ShowAll total={slices.length} first={FIRST} all={all} onChange={setAll} />
        </Group>
      }
    >
      <SliceTable slices={all ? sorted : sorted.slice(0, FIRST)} />
    </Panel>
  );
}

function SliceTable({ slices }: { slices: Report["slices"] }) {
  if (slices.length === 0) {
    return (
      <EmptyState title="No slice is large enough">
        Slices by camera and image statistics need images on both sides.
      </EmptyState>
    );
  }
  const range = shareRange(slices.map((slice) => slice.accuracy));
  const gapRange = shareRange(slices.map((slice) => slice.gap));
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Slice</Table.Th>
          <Table.Th ta="right">Images</Table.Th>
          <Table.Th w="26%">Accuracy</Table.Th>
          <Table.Th w="26%">Gap to the rest</Table.Th>
          <Table.Th ta="right" title="Corrected for the number of slices">
            q-value
          </Table.Th>
          <Table.Th w={150}>Verdict</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {slices.map((slice) => (
          <Table.Tr key={`${slice.attribute}=${slice.value}`}>
            <Table.Th scope="row" fw={500}>
              <span className="vl-dim">{words(slice.attribute)}</span> {slice.value}
            </Table.Th>
            <Table.Td ta="right">{count(slice.support)}</Table.Td>
            <Table.Td>
              <Whisker estimate={slice.accuracy} range={range} />
            </Table.Td>
            <Table.Td>
              <Whisker
                estimate={slice.gap}
                range={gapRange}
                mark={0}
                tone={slice.is_weak ? "failing" : "idle"}
              />
            </Table.Td>
            <Table.Td ta="right">{number(slice.q_value)}</Table.Td>
            <Table.Td>
              {slice.is_weak ? <StateBadge state="weak" tone="failing" /> : <span className="vl-dim">no gap</span>}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}
