export type Block =
  | { kind: "heading"; level: number; text: string }
  | { kind: "list"; items: string[] }
  | { kind: "table"; rows: string[][] }
  | { kind: "code"; text: string }
  | { kind: "paragraph"; text: string };

/** Splits Markdown into blocks; what it does not know stays a paragraph. */
export function readBlocks(text: string): Block[] {
  // Fences may hold empty lines, so they are cut out before blocks are split at empty lines.
  return text.split(/^(```[\s\S]*?^```)$/m).flatMap((part) => {
    if (part.startsWith("```")) {
      return [{ kind: "code" as const, text: part.split("\n").slice(1, -1).join("\n") }];
    }
    return part
      .split(/\n\s*\n/)
      .map((block) => block.trim())
      .filter((block) => block !== "")
      .map(readBlock);
  });
}

function readBlock(block: string): Block {
  const lines = block.split("\n");
  const heading = /^(#+)\s+(.*)$/.exec(lines[0] ?? "");
  if (heading && lines.length === 1) {
    return { kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" };
  }
  if (lines.every((line) => line.startsWith("- "))) {
    return { kind: "list", items: lines.map((line) => line.slice(2)) };
  }
  if (lines.every((line) => line.startsWith("|"))) {
    return { kind: "table", rows: lines.filter((line) => !/^\|[-:| ]+\|$/.test(line)).map(readRow) };
  }
  return { kind: "paragraph", text: lines.join(" ") };
}

function readRow(line: string): string[] {
  return line
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());
}
