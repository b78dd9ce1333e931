import { Table } from "@mantine/core";

import { count, plural } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";
import { Whisker } from "@/ui/Whisker";

import classes from "./projects.module.css";
import { useCurve } from "./queries";

/** Accuracy against labels spent, a row for each active batch. */
export function CurvePanel({ project, name }: { project: string; name: string }) {
  const curve = useCurve(project, name);
  if (curve.data === undefined || curve.data.points.length === 0) return null;
  return (
    <Panel title="Accuracy against labels spent" flush>
      <PlainTable>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            <Table.Th ta="right">Labels then</Table.Th>
            <Table.Th ta="right">Measured on</Table.Th>
            <Table.Th w={260}>Accuracy</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {curve.data.points.map((point) => (
            <Table.Tr key={point.batch_id}>
              <Table.Td className="vl-mono">{point.model}</Table.Td>
              <Table.Td ta="right">{count(point.num_labels)}</Table.Td>
              <Table.Td ta="right">{plural(point.num_audited, "image")}</Table.Td>
              <Table.Td>
                {point.accuracy === null || point.low === null || point.high === null ? (
                  <span className="vl-dim">after the first of them is accepted</span>
                ) : (
                  <Whisker estimate={{ value: point.accuracy, low: point.low, high: point.high }} />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </PlainTable>
      <p className={classes.none}>
        {plural(curve.data.num_since, "label")} since the last batch.
        {curve.data.is_retrain_due && " Enough to train the next model, then rank the queue anew."}
      </p>
    </Panel>
  );
}
