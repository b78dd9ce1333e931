import { Table } from "@mantine/core";

import { EmptyState } from "@/ui/EmptyState";
import { sentence } from "@/ui/format";
import { PlainTable } from "@/ui/PlainTable";
import { StateBadge } from "@/ui/State";
import type { Tone } from "@/ui/tones";

import type { Plan } from "./queries";

const ACTION_TONES: Record<string, Tone> = {
  create: "ok",
  update: "attention",
  change: "attention",
  delete: "failing",
  remove: "failing",
};

/** Changes of a plan, one a line. */
export function Changes({ changes }: { changes: Plan["changes"] }) {
  if (changes.length === 0) {
    return <EmptyState title="Nothing to change">The installation is as the file says.</EmptyState>;
  }
  return (
    <PlainTable>
      <Table.Tbody>
        {changes.map((change) => (
          <Table.Tr key={`${change.kind}/${change.name}/${change.action}`}>
            <Table.Td w={96}>
              <StateBadge state={change.action} tone={ACTION_TONES[change.action] ?? "running"} />
            </Table.Td>
            <Table.Td>
              <strong>{sentence(change.kind)}</strong> {change.name}
              <div className="vl-dim">{change.summary}</div>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}
