import { Alert, Button, Progress } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import { Link, Outlet, useParams } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Figures } from "@/ui/Facts";
import { percent } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { TabLinks } from "@/ui/TabLinks";
import { Time } from "@/ui/Time";

import { headline, runDuration } from "./figures";
import { isActive, type Run, type RunDetail, useCancelRun, useRun } from "./queries";
import { RegisterModel } from "./RegisterModel";

export function Component() {
  const project = useProject();
  const { runId = "" } = useParams();
  const query = useRun(project, runId);
  const run = query.data?.run;
  return (
    <Page
      title={run?.name ?? "Run"}
      lead={run && <Lead run={run} />}
      actions={run && <Actions project={project} run={run} />}
    >
      <Loaded query={query}>{(detail) => <Content detail={detail} />}</Loaded>
    </Page>
  );
}

function Lead({ run }: { run: Run }) {
  return (
    <>
      {run.experiment} · {run.recipe} · started by {run.created_by} <Time iso={run.created_at} />
    </>
  );
}

function Actions({ project, run }: { project: string; run: Run }) {
  const cancel = useCancelRun(project, run.id);
  if (isActive(run)) {
    return (
      <Allowed right="train">
        <ConfirmButton
          variant="default"
          color="red"
          loading={cancel.isPending}
          question="The run stops at once. The metrics and the log so far are kept."
          confirm="Stop the run"
          onConfirm={() => { cancel.mutate(); }}
        >
          Cancel run
        </ConfirmButton>
      </Allowed>
    );
  }
  return (
    <>
      <Allowed right="train">
        <Button
          component={Link}
          to={projectPath(project, `/runs/new?like=${run.id}`)}
          variant="default"
          leftSection={<IconRefresh size={16} />}
        >
          Train again
        </Button>
      </Allowed>
      {run.has_model && <RegisterModel project={project} run={run} />}
    </>
  );
}

function Content({ detail }: { detail: RunDetail }) {
  const { run } = detail;
  const address = projectPath(useProject(), `/runs/${run.id}`);
  return (
    <>
      {run.error && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The run failed">
          {run.error}
        </Alert>
      )}
      <Headlines run={run} />
      <TabLinks
        label="Run"
        tabs={[
          { label: "Training", to: address, end: true },
          { label: "Evaluation report", to: `${address}/report` },
          { label: "Responsible AI", to: `${address}/responsible` },
        ]}
      />
      <Outlet context={detail} />
    </>
  );
}

function Headlines({ run }: { run: Run }) {
  const project = useProject();
  const version = run.dataset_version_id;
  const dataset =
    version === null ? (
      "–"
    ) : (
      <Link to={projectPath(project, `/data/versions/${version}`)}>{run.dataset_version}</Link>
    );
  return (
    <Figures
      items={[
        {
          label: "State",
          value: (
            <>
              <StateBadge state={run.status} />
              {isActive(run) && (
                <Progress value={run.progress * 100} size={6} mt={8} aria-label="Progress of the run" />
              )}
            </>
          ),
        },
        { label: "Accuracy", value: percent(headline(run.metrics, "accuracy")) },
        { label: "Macro F1", value: percent(headline(run.metrics, "macro_f1")) },
        { label: "Duration", value: runDuration(run) },
        { label: "Dataset version", value: dataset },
      ]}
    />
  );
}
