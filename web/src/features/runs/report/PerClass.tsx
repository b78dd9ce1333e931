import { Table } from "@mantine/core";

import { count, percent } from "@/ui/format";
import { PlainTable } from "@/ui/PlainTable";
import { type Range, shareRange } from "@/ui/scale";
import { type Estimate, Whisker } from "@/ui/Whisker";

import type { Report } from "../queries";

type ClassReport = Report["per_class"][number];

/** Precision and recall of every class as dots on their intervals. */
export function PerClass({ classes }: { classes: readonly ClassReport[] }) {
  const estimates = classes.flatMap(({ precision, recall }) => [precision, recall]);
  const [low] = shareRange(estimates.filter((estimate) => estimate !== null));
  const range: Range = [low, 1];
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Class</Table.Th>
          <Table.Th ta="right">Images</Table.Th>
          <Table.Th w="32%">Precision</Table.Th>
          <Table.Th w="32%">Recall</Table.Th>
          <Table.Th ta="right">F1</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {classes.map((item) => (
          <Table.Tr key={item.label}>
            <Table.Th scope="row" fw={500}>
              {item.label}
            </Table.Th>
            <Table.Td ta="right">{count(item.support)}</Table.Td>
            <Table.Td>
              <Optional estimate={item.precision} range={range} reason="never predicted" />
            </Table.Td>
            <Table.Td>
              <Optional estimate={item.recall} range={range} reason="no image" />
            </Table.Td>
            <Table.Td ta="right">{percent(item.f1)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}

function Optional(props: { estimate: Estimate | null; range: Range; reason: string }) {
  if (props.estimate === null) return <span className="vl-dim">{props.reason}</span>;
  return <Whisker estimate={props.estimate} range={props.range} />;
}
