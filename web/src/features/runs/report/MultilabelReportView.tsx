import { Figures } from "@/ui/Facts";
import { count, percent } from "@/ui/format";
import { Panel } from "@/ui/Page";

import type { MultilabelReport } from "../queries";
import { ClassTable } from "./ClassTable";
import { interval, share } from "./figures";

/** The judgement of a multi-label classifier at its operating thresholds. */
export function MultilabelReportView({ split, report }: { split: string; report: MultilabelReport }) {
  return (
    <>
      <Figures
        items={[
          { label: `Mean AP, ${split} split`, value: percent(report.mean_ap.value), note: interval(report.mean_ap) },
          { label: "Macro F1", value: percent(report.macro_f1) },
          { label: "Micro F1", value: percent(report.micro_f1) },
          { label: "Exactly right", value: percent(report.exact_match.value), note: interval(report.exact_match) },
          { label: "Images", value: count(report.num_images) },
        ]}
      />
      <Panel title="Classes at their operating thresholds" flush>
        <ClassTable
          columns={["Images", "Found", "AP", "Threshold", "Precision", "Recall", "F1"]}
          rows={report.per_class.map((item) => [
            item.label,
            count(item.support),
            count(item.predicted),
            share(item.ap),
            item.threshold.toFixed(2),
            share(item.precision?.value),
            share(item.recall?.value),
            percent(item.f1),
          ])}
        />
      </Panel>
    </>
  );
}
