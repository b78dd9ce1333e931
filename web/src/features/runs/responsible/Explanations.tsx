import { SegmentedControl, Table } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { thumbnailUrl } from "@/features/data/queries";
import { EmptyState } from "@/ui/EmptyState";
import { number, percent } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PhotoGrid } from "@/ui/PhotoTile";
import { PlainTable } from "@/ui/PlainTable";
import { StateBadge } from "@/ui/State";

import type { Content, Explanation } from "./queries";
import classes from "./Responsible.module.css";
import { Saliency } from "./Saliency";

const NAMES: Record<string, string> = { grad_cam: "Grad-CAM", eigen_cam: "EigenCAM", masking: "Masking" };

interface ExplanationsProps {
  explanations: readonly Explanation[];
  methods: Content["methods"];
}

/** What the model looked at, on its surest errors and its surest hits, one method at a time. */
export function Explanations({ explanations, methods }: ExplanationsProps) {
  const trusted = methods.find((item) => item.is_trusted) ?? methods[0];
  const [method, setMethod] = useState(trusted?.method ?? "masking");
  const shown = explanations.filter((item) => item.method === method);
  return (
    <Panel
      title="Explanations"
      aside={
        methods.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Method"
            value={method}
            onChange={setMethod}
            data={methods.map((item) => ({ value: item.method, label: NAMES[item.method] ?? item.method }))}
          />
        )
      }
    >
      {shown.length === 0 && <EmptyState title="Nothing was explained">The report chose no image.</EmptyState>}
      <PhotoGrid>
        {shown.map((item) => (
          <Explained key={item.image_id} item={item} />
        ))}
      </PhotoGrid>
      <MethodTable methods={methods} />
    </Panel>
  );
}

/** The photo in the square shape in which the model sees it, with the map over it. */
function Explained({ item }: { item: Explanation }) {
  const project = useProject();
  return (
    <figure className={classes.explained}>
      <Link to={projectPath(project, `/data?image=${item.image_id}`)} className={classes.seen}>
        <img
          src={thumbnailUrl(project, item.image_id, 256)}
          alt={`What the model looked at to say ${item.target}`}
          loading="lazy"
        />
        <Saliency grid={item.saliency} />
      </Link>
      <figcaption>
        said {item.target}, {percent(item.score, 0)} sure
      </figcaption>
    </figure>
  );
}

function MethodTable({ methods }: { methods: Content["methods"] }) {
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Can the method be trusted here?</Table.Th>
          <Table.Th ta="right" title="Area under the score while salient pixels appear, minus while they vanish">
            Insertion minus deletion
          </Table.Th>
          <Table.Th ta="right">Of a random order</Table.Th>
          <Table.Th ta="right" title="Rank correlation with the explanation of the same network with shuffled weights">
            Likeness under shuffled weights
          </Table.Th>
          <Table.Th>Verdict</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {methods.map((item) => (
          <Table.Tr key={item.method}>
            <Table.Th scope="row" fw={500}>
              {NAMES[item.method] ?? item.method}
            </Table.Th>
            <Table.Td ta="right">{number(item.faithfulness)}</Table.Td>
            <Table.Td ta="right">{number(item.random_faithfulness)}</Table.Td>
            <Table.Td ta="right">{item.sanity === null ? "not tested" : number(item.sanity)}</Table.Td>
            <Table.Td>
              <StateBadge
                state={item.is_trusted ? "holds" : "does not hold"}
                tone={item.is_trusted ? "ok" : "attention"}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}
