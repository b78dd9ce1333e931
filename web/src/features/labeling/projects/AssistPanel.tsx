import { Table } from "@mantine/core";

import { count } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";
import { Whisker } from "@/ui/Whisker";

import { useAssist } from "./queries";

/** What became of the labels that models proposed. */
export function AssistPanel({ project, queue }: { project: string; queue: string }) {
  const assist = useAssist(project, queue);
  const items = assist.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Panel title="Model assistance" flush>
      <PlainTable>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            <Table.Th ta="right">Images</Table.Th>
            <Table.Th ta="right">Proposed</Table.Th>
            <Table.Th w={240}>Accepted unchanged</Table.Th>
            <Table.Th ta="right">Edited</Table.Th>
            <Table.Th ta="right">Rejected</Table.Th>
            <Table.Th ta="right">Without proposal</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.model}>
              <Table.Td className="vl-mono">{item.model}</Table.Td>
              <Table.Td ta="right">{count(item.num_tasks)}</Table.Td>
              <Table.Td ta="right">{count(item.num_proposed)}</Table.Td>
              <Table.Td>
                {item.unchanged === null || item.low === null || item.high === null ? "–" : (
                  <Whisker estimate={{ value: item.unchanged, low: item.low, high: item.high }} />
                )}
              </Table.Td>
              <Table.Td ta="right">{count(item.num_edited)}</Table.Td>
              <Table.Td ta="right">{count(item.num_rejected)}</Table.Td>
              <Table.Td ta="right">{count(item.num_own)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </PlainTable>
    </Panel>
  );
}
