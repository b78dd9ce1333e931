import { Table } from "@mantine/core";

import { count, number, percent, words } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";

import type { Content } from "./queries";
import classes from "./Responsible.module.css";

type Bias = NonNullable<Content["bias"]>;

/** How evenly the training images are spread, and what comes together in them. */
export function DataBias({ bias }: { bias: Bias }) {
  return (
    <Panel flush title="What the data favour" aside={<span className="vl-dim">{count(bias.num_images)} training images</span>}>
      <PlainTable>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Attribute</Table.Th>
            <Table.Th w="40%">Shares</Table.Th>
            <Table.Th ta="right" title="Largest share over smallest">
              Imbalance
            </Table.Th>
            <Table.Th ta="right" title="1 when every value is equally frequent">
              Evenness
            </Table.Th>
            <Table.Th title="Cramér's V, corrected for chance">Tie to the label</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bias.balances.map((item) => (
            <Table.Tr key={item.attribute}>
              <Table.Th scope="row" fw={500}>
                {words(item.attribute)}
              </Table.Th>
              <Table.Td>
                <Shares shares={item.shares} />
              </Table.Td>
              <Table.Td ta="right">{item.imbalance.toFixed(1)} : 1</Table.Td>
              <Table.Td ta="right">{number(item.evenness)}</Table.Td>
              <Table.Td>
                <Tie association={bias.associations.find((tie) => tie.attribute === item.attribute)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </PlainTable>
    </Panel>
  );
}

function Shares({ shares }: { shares: Record<string, number> }) {
  return (
    <span className={classes.shares}>
      {Object.entries(shares).map(([value, share]) => (
        <i key={value} style={{ flexGrow: share }} title={`${value}: ${percent(share)}`}>
          {share > 0.12 ? value : ""}
        </i>
      ))}
    </span>
  );
}

function Tie({ association }: { association: Bias["associations"][number] | undefined }) {
  if (association === undefined) return <span className="vl-dim">–</span>;
  const told = `${association.cell.join(" with ")}: ${association.lift.toFixed(1)} times as often as by chance`;
  return (
    <span title={told}>
      {number(association.strength)}
      {association.q_value < 0.05 && <span className="vl-dim"> · {told}</span>}
    </span>
  );
}
