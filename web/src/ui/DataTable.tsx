import { Skeleton, Table } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./DataTable.module.css";
import { ErrorState } from "./ErrorState";

export interface Column<Row> {
  key: string;
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  align?: "left" | "right";
  width?: number | string;
}

/** A query of rows, or of a page of rows as the API lists them. */
interface RowsQuery<Row> {
  data: readonly Row[] | { items: readonly Row[] } | undefined;
  isError: boolean;
  error: Error | null;
  refetch: () => unknown;
}

interface DataTableProps<Row> {
  query: RowsQuery<Row>;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  onOpen?: (row: Row) => void;
  selected?: string;
  empty: ReactNode;
}

/** A list of rows with loading, empty and error states; Enter or a click opens a row. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { query, columns, rowKey, onOpen, selected, empty } = props;
  const rows = query.data === undefined || "length" in query.data ? query.data : query.data.items;
  if (query.isError && rows === undefined) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (rows?.length === 0) return empty;
  return (
    <Table className={classes.table} highlightOnHover={onOpen !== undefined}>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th key={column.key} ta={column.align} w={column.width}>
              {column.title}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows === undefined
          ? [0, 1, 2].map((row) => (
              <Table.Tr key={row}>
                {columns.map((column) => (
                  <Table.Td key={column.key}>
                    <Skeleton height={12} my={4} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))
          : rows.map((row) => (
              <Table.Tr
                key={rowKey(row)}
                data-selected={rowKey(row) === selected || undefined}
                {...(onOpen && {
                  tabIndex: 0,
                  "data-open": true,
                  onClick: () => { onOpen(row); },
                  onKeyDown: (event: React.KeyboardEvent) => {
                    if (event.key === "Enter" && event.target === event.currentTarget) onOpen(row);
                  },
                })}
              >
                {columns.map((column) => (
                  <Table.Td key={column.key} ta={column.align}>
                    {column.cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
      </Table.Tbody>
    </Table>
  );
}
