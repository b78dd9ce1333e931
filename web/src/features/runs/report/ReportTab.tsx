import { Select } from "@mantine/core";
import { useState } from "react";
import { useOutletContext } from "react-router";

import { useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { dateTime } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";

import { isActive, type RunDetail } from "../queries";
import { MultilabelReportView } from "./MultilabelReportView";
import { ObjectReportView } from "./ObjectReportView";
import { useEvaluation, useRunEvaluations } from "./queries";
import { RegionReportView } from "./RegionReportView";
import { ReportView } from "./ReportView";

/** The evaluation report of a run, as soon as there is one. */
export function Component() {
  const { run } = useOutletContext<RunDetail>();
  if (run.evaluation_id !== null) return <Evaluation runId={run.id} latest={run.evaluation_id} />;
  return (
    <EmptyState title={isActive(run) ? "The report comes at the end" : "No report"}>
      {isActive(run)
        ? "When training is done, the model is judged on the test split of its dataset version."
        : "This run ended before its model was judged."}
    </EmptyState>
  );
}

/** A run may have been judged on several splits; the latest is shown first. */
function Evaluation({ runId, latest }: { runId: string; latest: string }) {
  const project = useProject();
  const [chosen, setChosen] = useState(latest);
  const evaluations = useRunEvaluations(project, runId).data ?? [];
  const query = useEvaluation(project, chosen);
  return (
    <>
      {evaluations.length > 1 && (
        <Select
          w={340}
          label="Judged on"
          allowDeselect={false}
          value={chosen}
          onChange={(id) => { if (id !== null) setChosen(id); }}
          data={evaluations.map((item) => ({
            value: item.id,
            label: `${item.split} split, ${String(item.num_images)} images, ${dateTime(item.created_at)}`,
          }))}
        />
      )}
      <Loaded query={query}>
        {({ evaluation, report, objects, regions, multilabel }) => (
          <>
            {report && (
              <ReportView key={evaluation.id} evaluationId={evaluation.id} split={evaluation.split} report={report} />
            )}
            {objects && <ObjectReportView split={evaluation.split} report={objects} />}
            {regions && <RegionReportView split={evaluation.split} report={regions} />}
            {multilabel && <MultilabelReportView split={evaluation.split} report={multilabel} />}
          </>
        )}
      </Loaded>
    </>
  );
}
