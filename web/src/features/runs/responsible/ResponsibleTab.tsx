import { Alert, Button, Group, Progress, Stack } from "@mantine/core";
import { IconFileText, IconInfoCircle } from "@tabler/icons-react";
import { useEffect } from "react";
import { useOutletContext } from "react-router";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Figures } from "@/ui/Facts";
import { count, dateTime, percent, sentence } from "@/ui/format";

import type { RunDetail } from "../queries";
import { Cohorts } from "./Cohorts";
import { DataBias } from "./DataBias";
import { ErrorTree } from "./ErrorTree";
import { Explanations } from "./Explanations";
import { LabelDoubts } from "./LabelDoubts";
import { cardUrl, type ResponsibleReport, useReportJob, useResponsibleReport, useStartReport } from "./queries";
import { Robustness } from "./Robustness";
import { WorstSlices } from "./WorstSlices";

/** Where, for whom and under what the model of a run fails, and why it decides. */
export function Component() {
  const { run } = useOutletContext<RunDetail>();
  if (run.evaluation_id === null) {
    return (
      <EmptyState title="No evaluation yet">
        The report looks into an evaluation, which comes at the end of training.
      </EmptyState>
    );
  }
  return <Report evaluationId={run.evaluation_id} />;
}

function Report({ evaluationId }: { evaluationId: string }) {
  const project = useProject();
  const report = useResponsibleReport(project, evaluationId);
  const job = useReportJob(project, evaluationId).data;
  const ended = job?.state === "succeeded" ? job.id : null;
  const { refetch } = report;
  useEffect(() => {
    if (ended !== null) void refetch();
  }, [ended, refetch]);
  const working = job !== undefined && !["succeeded", "failed", "cancelled"].includes(job.state);
  return (
    <Stack gap="lg">
      {working && (
        <Alert color="blue" title="The report is being made">
          <Progress value={job.progress * 100} animated aria-label="Progress of the report" mb={6} />
          {job.message || "It scores the images again, damages them, and explains some of them."}
        </Alert>
      )}
      {job?.state === "failed" && (
        <Alert color="red" title="The last report failed">
          {job.message}
        </Alert>
      )}
      {report.data === undefined ? (
        !working && !report.isPending && <Start evaluationId={evaluationId} />
      ) : (
        <View report={report.data} again={!working} />
      )}
    </Stack>
  );
}

function Start({ evaluationId }: { evaluationId: string }) {
  return (
    <EmptyState title="No Responsible AI report yet" action={<StartButton evaluationId={evaluationId} label="Make the report" />}>
      It finds cohorts and slices where the model is worse, tests it under 12 kinds of damage, explains
      what it looks at, and shows what the data favour. It takes some minutes.
    </EmptyState>
  );
}

function StartButton({ evaluationId, label }: { evaluationId: string; label: string }) {
  const start = useStartReport(useProject(), evaluationId);
  return (
    <Allowed right="train">
      <Button
        variant={label === "Make it again" ? "default" : "filled"}
        loading={start.isPending}
        onClick={() => { start.mutate(); }}
      >
        {label}
      </Button>
    </Allowed>
  );
}

function View({ report, again }: { report: ResponsibleReport; again: boolean }) {
  const project = useProject();
  const { content } = report;
  const weak = content.cohorts.filter((item) => item.gap.is_weak).length;
  const confirmed = content.slices.filter((item) => item.confirmed.is_weak).length;
  return (
    <>
      <Group justify="space-between">
        <span className="vl-dim">
          Made {dateTime(report.created_at)} by {report.created_by}
        </span>
        <Group gap="sm">
          {again && <StartButton evaluationId={report.evaluation_id} label="Make it again" />}
          <Button
            component="a"
            href={cardUrl(project, report.evaluation_id)}
            target="_blank"
            rel="noreferrer"
            leftSection={<IconFileText size={16} />}
          >
            Open the model card
          </Button>
        </Group>
      </Group>
      <Figures
        items={[
          {
            label: sentence(content.quality_name),
            value: percent(content.quality.value),
            note: `95 % interval ${(content.quality.low * 100).toFixed(1)} to ${(content.quality.high * 100).toFixed(1)}`,
          },
          { label: "Weak cohorts", value: count(weak), note: `of ${count(content.cohorts.length)} tested` },
          { label: "Confirmed weak slices", value: count(confirmed), note: `of ${count(content.slices.length)} found` },
          { label: "Labels in doubt", value: count(content.doubts.length) },
          { label: "Images", value: count(content.num_images) },
        ]}
      />
      {content.notes.map((note) => (
        <Alert key={note} color="gray" icon={<IconInfoCircle size={18} />}>
          {note}
        </Alert>
      ))}
      <Cohorts cohorts={content.cohorts} />
      <WorstSlices slices={content.slices} />
      <ErrorTree nodes={content.tree} />
      <Robustness rows={content.robustness} />
      <Explanations explanations={content.explanations} methods={content.methods} />
      {content.task === "classification" && <LabelDoubts doubts={content.doubts} />}
      {content.bias !== null && <DataBias bias={content.bias} />}
    </>
  );
}
