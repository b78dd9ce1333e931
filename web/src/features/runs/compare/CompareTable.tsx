import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

import type { components } from "@/api/schema";
import { projectPath, useProject } from "@/app/project";
import { number, words } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";

import { betterDirection, parameterText } from "../figures";
import classes from "./Compare.module.css";

type Comparison = components["schemas"]["RunComparisonOut"];

/** Runs in columns; metrics and the parameters that differ in rows. */
export function CompareTable({ comparison }: { comparison: Comparison }) {
  const project = useProject();
  const { runs } = comparison;
  return (
    <Panel flush>
      <Table className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={200} />
            {runs.map((run) => (
              <Table.Th key={run.id}>
                <Link to={projectPath(project, `/runs/${run.id}`)}>{run.name}</Link>
                <div className={classes.under}>
                  <StateBadge state={run.status} /> {run.dataset_version}
                </div>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Section title="Metrics" width={runs.length + 1}>
            {Object.entries(comparison.metrics).map(([name, values]) => (
              <MetricRow key={name} name={name} values={values} />
            ))}
          </Section>
          <Section title="Parameters that differ" width={runs.length + 1}>
            {Object.entries(comparison.changed_parameters).map(([name, values]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{words(name)}</Table.Th>
                {values.map((value, index) => (
                  <Table.Td key={runs[index]?.id}>{parameterText(value)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Section>
        </Table.Tbody>
      </Table>
    </Panel>
  );
}

function Section({ title, width, children }: { title: string; width: number; children: ReactNode[] }) {
  return (
    <>
      <Table.Tr className={classes.section}>
        <Table.Th colSpan={width}>{title}</Table.Th>
      </Table.Tr>
      {children.length > 0 ? (
        children
      ) : (
        <Table.Tr>
          <Table.Td colSpan={width} className="vl-dim">
            None.
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function MetricRow({ name, values }: { name: string; values: readonly (number | null)[] }) {
  const known = values.filter((value) => value !== null);
  const direction = new Set(known).size > 1 ? betterDirection(name) : null;
  const best = direction && (direction === "higher" ? Math.max(...known) : Math.min(...known));
  return (
    <Table.Tr>
      <Table.Th scope="row">{words(name)}</Table.Th>
      {values.map((value, index) => (
        <Table.Td key={index} data-best={(best !== null && value === best) || undefined}>
          {number(value)}
          {best !== null && value === best && <span className={classes.best}>best</span>}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
