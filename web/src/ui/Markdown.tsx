import { Table } from "@mantine/core";
import type { ReactNode } from "react";

import { type Block, readBlocks } from "./blocks";
import classes from "./Markdown.module.css";

/** The little Markdown that our own documents use: headings, lists, tables, code, bold. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={classes.text}>
      {readBlocks(text).map((block, index) => (
        <Part key={index} block={block} />
      ))}
    </div>
  );
}

function Part({ block }: { block: Block }) {
  if (block.kind === "heading") {
    const Heading = block.level === 1 ? "h2" : "h3";
    return <Heading>{inline(block.text)}</Heading>;
  }
  if (block.kind === "list") {
    return (
      <ul>
        {block.items.map((item) => (
          <li key={item}>{inline(item)}</li>
        ))}
      </ul>
    );
  }
  if (block.kind === "code") return <pre className={classes.code}>{block.text}</pre>;
  if (block.kind === "paragraph") return <p>{inline(block.text)}</p>;
  const [head = [], ...rows] = block.rows;
  return (
    <Table className={classes.table} withTableBorder>
      <Table.Thead>
        <Table.Tr>
          {head.map((cell) => (
            <Table.Th key={cell}>{inline(cell)}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, index) => (
          <Table.Tr key={index}>
            {row.map((cell, column) => (
              <Table.Td key={column}>{inline(cell)}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** `code` and **bold** inside a line. */
function inline(text: string): ReactNode[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part, index) => {
    if (part.startsWith("`")) return <code key={index} className="vl-mono">{part.slice(1, -1)}</code>;
    if (part.startsWith("**")) return <strong key={index}>{part.slice(2, -2)}</strong>;
    return part;
  });
}
