import { Table } from "@mantine/core";

import { count, duration, percent } from "@/ui/format";
import { Figures } from "@/ui/Facts";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";
import { Whisker } from "@/ui/Whisker";

import classes from "./projects.module.css";
import { type AnnotatorQuality, type Quality, useQuality } from "./queries";

/** How good the labels are, person by person. */
export function QualityPanel({ project, queue }: { project: string; queue: string }) {
  const quality = useQuality(project, queue, true);
  if (quality.data === undefined || quality.data.annotators.length === 0) return null;
  const hasAgreement = quality.data.mean_agreement !== null;
  return (
    <>
      {hasAgreement && <Agreement quality={quality.data} />}
      <Panel title="Annotators" flush>
        <PlainTable>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th ta="right">Handed in</Table.Th>
              <Table.Th ta="right">Sent back</Table.Th>
              <Table.Th ta="right">Mended</Table.Th>
              <Table.Th w={220}>Hidden tests right</Table.Th>
              <Table.Th ta="right">Agreement</Table.Th>
              <Table.Th ta="right">Weight</Table.Th>
              <Table.Th ta="right">Median time</Table.Th>
              <Table.Th ta="right">Images an hour</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {quality.data.annotators.map((person) => (
              <Person key={person.name} person={person} />
            ))}
          </Table.Tbody>
        </PlainTable>
      </Panel>
    </>
  );
}

function Person({ person }: { person: AnnotatorQuality }) {
  return (
    <Table.Tr>
      <Table.Td>{person.name}</Table.Td>
      <Table.Td ta="right">{count(person.num_submitted)}</Table.Td>
      <Table.Td ta="right">{count(person.num_rejections)}</Table.Td>
      <Table.Td ta="right">{count(person.num_fixed)}</Table.Td>
      <Table.Td>
        {person.gold === null ? <span className="vl-dim">not tested yet</span> : <Whisker estimate={person.gold} />}
      </Table.Td>
      <Table.Td ta="right">{percent(person.consensus, 0)}</Table.Td>
      <Table.Td ta="right">{percent(person.estimate, 0)}</Table.Td>
      <Table.Td ta="right">{person.median_s === null ? "–" : duration(person.median_s)}</Table.Td>
      <Table.Td ta="right">{person.per_hour === null ? "–" : count(person.per_hour)}</Table.Td>
    </Table.Tr>
  );
}

function Agreement({ quality }: { quality: Quality }) {
  const pairs = Object.entries(quality.cohen);
  return (
    <Panel title="Agreement">
      <Figures
        items={[
          { label: "Mean agreement", value: percent(quality.mean_agreement, 0), note: "with what was decided" },
          { label: "Krippendorff's alpha", value: kappa(quality.krippendorff), note: "classes, beyond chance" },
          { label: "Fleiss' kappa", value: kappa(quality.fleiss), note: "where all answered" },
        ]}
      />
      {pairs.length > 0 && (
        <p className={classes.pairs}>
          Cohen&apos;s kappa by pair: {pairs.map(([pair, value]) => `${pair} ${kappa(value)}`).join(" · ")}
        </p>
      )}
    </Panel>
  );
}

function kappa(value: number | null): string {
  return value === null ? "–" : value.toFixed(2);
}
