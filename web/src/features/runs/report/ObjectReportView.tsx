import { Alert, Table } from "@mantine/core";
import { IconPhotoOff } from "@tabler/icons-react";

import { Figures } from "@/ui/Facts";
import { count, percent, plural } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PlainTable } from "@/ui/PlainTable";

import type { ObjectReport } from "../queries";
import { ClassTable } from "./ClassTable";
import { interval, share } from "./figures";
import classes from "./Report.module.css";

interface ObjectReportViewProps {
  split: string;
  report: ObjectReport;
}

/** The judgement of a detector: average precision, classes, kinds of mistakes. */
export function ObjectReportView({ split, report }: ObjectReportViewProps) {
  const kind = report.task === "instance_segmentation" ? "Mask AP" : "AP";
  return (
    <>
      <Figures
        items={[
          { label: `${kind}@.5, ${split} split`, value: percent(report.ap_50.value), note: interval(report.ap_50) },
          { label: `${kind}@[.50:.95]`, value: percent(report.ap.value), note: interval(report.ap) },
          { label: "AR@100", value: share(report.coco.ar_100) },
          { label: "F1 at the thresholds", value: percent(report.f1) },
          { label: "Objects", value: count(report.num_objects) },
          { label: "Images", value: count(report.num_images) },
        ]}
      />
      {report.unreadable.length > 0 && (
        <Alert color="yellow" icon={<IconPhotoOff size={18} />}>
          {plural(report.unreadable.length, "image")} could not be read and is not part of these figures.
        </Alert>
      )}
      <div className={classes.columns}>
        <Panel title="Classes at their operating thresholds" flush>
          <ClassTable
            columns={["Objects", "Found", "AP", "AP@.5", "Threshold", "Precision", "Recall"]}
            rows={report.per_class.map((item) => [
              item.label,
              count(item.support),
              count(item.found),
              share(item.ap),
              share(item.ap_50),
              item.threshold.toFixed(2),
              share(item.precision?.value),
              share(item.recall?.value),
            ])}
          />
        </Panel>
        <Panel title="Kinds of mistakes" aside={<span className="vl-dim">after TIDE</span>} flush>
          <Mistakes report={report} />
        </Panel>
      </div>
    </>
  );
}

function Mistakes({ report }: { report: ObjectReport }) {
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Kind</Table.Th>
          <Table.Th ta="right">Count</Table.Th>
          <Table.Th ta="right">AP@.5 without them</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {report.errors.map((item) => (
          <Table.Tr key={item.name}>
            <Table.Th scope="row" fw={500}>
              {item.name}
            </Table.Th>
            <Table.Td ta="right">{count(item.count)}</Table.Td>
            <Table.Td ta="right">+{(item.ap_50_gain * 100).toFixed(1)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}
