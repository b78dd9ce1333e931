import { Table } from "@mantine/core";

import { count, duration, percent } from "@/ui/format";
import { Panel } from "@/ui/Page";

import type { LabelerFigures } from "./queries";

/** What each person did, and how much of it reviewers accepted. */
export function Labelers({ labelers }: { labelers: readonly LabelerFigures[] }) {
  return (
    <Panel title="Labelers" flush>
      <Table fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th ta="right">Submitted</Table.Th>
            <Table.Th ta="right">Accepted</Table.Th>
            <Table.Th ta="right">Rejections</Table.Th>
            <Table.Th ta="right">Skipped</Table.Th>
            <Table.Th ta="right">Median time</Table.Th>
            <Table.Th ta="right">Accepted of decided</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {labelers.map((labeler) => (
            <Table.Tr key={labeler.name}>
              <Table.Td>{labeler.name}</Table.Td>
              <Table.Td ta="right">{count(labeler.num_submitted)}</Table.Td>
              <Table.Td ta="right">{count(labeler.num_accepted)}</Table.Td>
              <Table.Td ta="right">{count(labeler.num_rejections)}</Table.Td>
              <Table.Td ta="right">{count(labeler.num_skipped)}</Table.Td>
              <Table.Td ta="right">
                {labeler.median_s === null ? "–" : duration(labeler.median_s)}
              </Table.Td>
              <Table.Td ta="right">{percent(labeler.acceptance_rate, 0)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
