import { Table } from "@mantine/core";

import { PlainTable } from "@/ui/PlainTable";

interface ClassTableProps {
  columns: readonly string[];
  /** One row a class: its name, then one text a column. */
  rows: readonly (readonly string[])[];
}

/** Figures of every class, right-aligned behind its name. */
export function ClassTable({ columns, rows }: ClassTableProps) {
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Class</Table.Th>
          {columns.map((title) => (
            <Table.Th key={title} ta="right">
              {title}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, ...values]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={500}>
              {name}
            </Table.Th>
            {values.map((value, position) => (
              <Table.Td key={columns[position]} ta="right">
                {value}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}
