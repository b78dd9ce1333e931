import { Alert } from "@mantine/core";
import { IconPhotoOff } from "@tabler/icons-react";
import { useState } from "react";

import { Figures } from "@/ui/Facts";
import { count, number, percent, plural } from "@/ui/format";
import { Panel } from "@/ui/Page";

import type { ImageFilter, Report } from "../queries";
import { Confusion } from "./Confusion";
import { PerClass } from "./PerClass";
import classes from "./Report.module.css";
import { Slices } from "./Slices";
import { WorstImages } from "./WorstImages";

interface ReportViewProps {
  evaluationId: string;
  split: string;
  report: Report;
}

/** The judgement of one model: headline figures, classes, confusions, slices, images. */
export function ReportView({ evaluationId, split, report }: ReportViewProps) {
  const [filter, setFilter] = useState<ImageFilter>({ only_errors: true });
  const { accuracy } = report;
  return (
    <>
      <Figures
        items={[
          {
            label: `Accuracy, ${split} split`,
            value: percent(accuracy.value),
            note: `95 % interval ${(accuracy.low * 100).toFixed(1)} to ${(accuracy.high * 100).toFixed(1)}`,
          },
          { label: "Macro F1", value: percent(report.macro_f1) },
          { label: "Mean recall of classes", value: percent(report.macro_recall) },
          { label: "Log loss", value: number(report.log_loss) },
          { label: "Calibration error", value: percent(report.calibration_error) },
          { label: "Images", value: count(report.num_images) },
        ]}
      />
      {report.unreadable.length > 0 && (
        <Alert color="yellow" icon={<IconPhotoOff size={18} />}>
          {plural(report.unreadable.length, "image")} could not be read and is not part of these figures.
        </Alert>
      )}
      <div className={classes.columns}>
        <Panel title="Precision and recall per class" aside={<span className="vl-dim">95 % intervals</span>} flush>
          <PerClass classes={report.per_class} />
        </Panel>
        <Panel title="Confusion matrix">
          <Confusion
            report={report}
            selected={filter}
            onSelect={(label, predicted) => { setFilter({ label, predicted }); }}
          />
        </Panel>
      </div>
      <Slices slices={report.slices} />
      <WorstImages evaluationId={evaluationId} labels={report.labels} filter={filter} onFilter={setFilter} />
    </>
  );
}
