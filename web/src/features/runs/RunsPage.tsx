import { Button, Checkbox, Group, Progress, Select } from "@mantine/core";
import { IconArrowsDiff, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { percent, sentence } from "@/ui/format";
import { Page, Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { isActive, type Run, type RunFilter, type RunStatus, useExperiments, useRuns } from "./queries";
import { headline, runDuration } from "./figures";

const STATUSES: RunStatus[] = ["scheduled", "running", "finished", "failed", "cancelled"];

export function Component() {
  const project = useProject();
  const navigate = useNavigate();
  const [filter, setFilter] = useState<RunFilter>({});
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const runs = useRuns(project, filter);
  const toggle = (id: string) => {
    setChosen(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  };
  const compare = new URLSearchParams(chosen.map((id) => ["run_id", id]));
  const start = (
    <Allowed right="train">
      <Button
        component={Link}
        to={projectPath(project, "/runs/new")}
        leftSection={<IconPlayerPlay size={16} />}
      >
        Start training
      </Button>
    </Allowed>
  );
  return (
    <Page
      title="Runs"
      lead="Every training with its settings, metrics and report. Tick two or more to compare them."
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconArrowsDiff size={16} />}
            disabled={chosen.length < 2}
            onClick={() => void navigate(projectPath(project, `/runs/compare?${compare.toString()}`))}
          >
            Compare{chosen.length >= 2 ? ` ${String(chosen.length)}` : ""}
          </Button>
          {start}
        </>
      }
    >
      <Panel flush title="All runs" aside={<Filters filter={filter} onChange={setFilter} />}>
        <DataTable
          query={runs}
          rowKey={(run) => run.id}
          columns={[selection(chosen, toggle), ...COLUMNS]}
          onOpen={(run) => void navigate(projectPath(project, `/runs/${run.id}`))}
          empty={
            filter.experiment !== undefined || filter.status !== undefined ? (
              <EmptyState title="No run matches">Choose another experiment or state.</EmptyState>
            ) : (
              <EmptyState title="No run yet" action={start}>
                Freeze a dataset version on the data page, then train on it.
              </EmptyState>
            )
          }
        />
      </Panel>
    </Page>
  );
}

function Filters({ filter, onChange }: { filter: RunFilter; onChange: (filter: RunFilter) => void }) {
  const experiments = useExperiments(useProject()).data ?? [];
  return (
    <Group gap="xs" wrap="nowrap">
      <Select
        size="xs"
        aria-label="Experiment"
        placeholder="All experiments"
        clearable
        value={filter.experiment ?? null}
        data={experiments.map((experiment) => experiment.name)}
        onChange={(value) => { onChange({ ...filter, experiment: value ?? undefined }); }}
      />
      <Select
        size="xs"
        aria-label="State"
        placeholder="All states"
        clearable
        value={filter.status ?? null}
        data={STATUSES.map((status) => ({ value: status, label: sentence(status) }))}
        onChange={(value) => { onChange({ ...filter, status: (value ?? undefined) as RunStatus }); }}
      />
    </Group>
  );
}

function selection(chosen: readonly string[], toggle: (id: string) => void): Column<Run> {
  return {
    key: "chosen",
    title: <span aria-label="Compare" />,
    width: 44,
    cell: (run) => (
      <Checkbox
        size="xs"
        aria-label={`Compare ${run.name}`}
        checked={chosen.includes(run.id)}
        onClick={(event) => { event.stopPropagation(); }}
        onChange={() => { toggle(run.id); }}
      />
    ),
  };
}

const COLUMNS: Column<Run>[] = [
  {
    key: "name",
    title: "Run",
    cell: (run) => (
      <>
        <strong>{run.name}</strong>
        <div className="vl-dim">{run.experiment}</div>
      </>
    ),
  },
  {
    key: "status",
    title: "State",
    cell: (run) =>
      isActive(run) ? (
        <>
          <StateBadge state={run.status} />
          <Progress value={run.progress * 100} size={4} mt={5} w={110} aria-label="Progress" />
        </>
      ) : (
        <StateBadge state={run.status} />
      ),
  },
  {
    key: "accuracy",
    title: "Accuracy",
    align: "right",
    cell: (run) => percent(headline(run.metrics, "accuracy")),
  },
  {
    key: "f1",
    title: "Macro F1",
    align: "right",
    cell: (run) => percent(headline(run.metrics, "macro_f1")),
  },
  {
    key: "dataset",
    title: "Dataset version",
    cell: (run) => run.dataset_version ?? <span className="vl-dim">logged from outside</span>,
  },
  { key: "duration", title: "Duration", align: "right", cell: (run) => runDuration(run) },
  { key: "by", title: "Started by", cell: (run) => run.created_by },
  { key: "time", title: "Started", align: "right", cell: (run) => <Time iso={run.created_at} /> },
];
