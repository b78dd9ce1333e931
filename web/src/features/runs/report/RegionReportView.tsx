import { Figures } from "@/ui/Facts";
import { count, percent } from "@/ui/format";
import { Panel } from "@/ui/Page";

import type { RegionReport } from "../queries";
import { ClassTable } from "./ClassTable";
import { interval, share } from "./figures";

/** The judgement of a semantic segmenter: overlap of regions and of their edges. */
export function RegionReportView({ split, report }: { split: string; report: RegionReport }) {
  return (
    <>
      <Figures
        items={[
          { label: `mIoU, ${split} split`, value: percent(report.miou.value), note: interval(report.miou) },
          { label: "Dice", value: percent(report.dice.value), note: interval(report.dice) },
          { label: "Boundary IoU", value: percent(report.boundary_iou.value), note: interval(report.boundary_iou) },
          { label: "Right pixels", value: percent(report.pixel_accuracy) },
          { label: "Images", value: count(report.num_images) },
        ]}
      />
      <Panel title="Classes" flush>
        <ClassTable
          columns={["Images", "Share of pixels", "IoU", "Dice", "Boundary IoU", "Precision", "Recall"]}
          rows={report.per_class.map((item) => [
            item.label,
            count(item.num_images),
            percent(item.share),
            share(item.iou),
            share(item.dice),
            share(item.boundary_iou),
            share(item.precision),
            share(item.recall),
          ])}
        />
      </Panel>
    </>
  );
}
