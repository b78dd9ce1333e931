import { Button, Select } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath } from "@/app/project";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, percent, sentence } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";
import { thumbnailUrl } from "@/api/images";

import { type Task, type TaskState, useReopen, useTasks } from "./queries";
import classes from "./TaskTable.module.css";

const STATES: TaskState[] = ["open", "in_progress", "submitted", "rejected", "accepted", "skipped"];

/** Tasks in the order of work; a row opens the image in the workspace. */
export function TaskTable({ project, queue }: { project: string; queue: string | null }) {
  const [state, setState] = useState<TaskState | null>(null);
  const tasks = useTasks(project, queue, state);
  const navigate = useNavigate();
  const workPath = projectPath(project, "/labeling/work");
  const columns: Column<Task>[] = [
    {
      key: "image",
      title: "Image",
      width: 72,
      cell: (task) => (
        <img className={classes.thumb} src={thumbnailUrl(project, task.image_id, 128)} alt="" loading="lazy" />
      ),
    },
    { key: "state", title: "State", cell: (task) => <StateBadge state={task.state} tone={task.state === "open" ? "idle" : undefined} /> },
    { key: "queue", title: "Queue", cell: (task) => sentence(task.queue) },
    { key: "why", title: "Why", cell: (task) => reasonOf(task) },
    { key: "assignee", title: "For", cell: (task) => task.assignee ?? "everybody" },
    { key: "labeler", title: "Labeled by", cell: (task) => task.labeler ?? "–" },
    { key: "reviewer", title: "Reviewed by", cell: (task) => task.reviewer ?? "–" },
    { key: "created", title: "Queued", cell: (task) => <Time iso={task.created_at} /> },
    { key: "action", title: "", align: "right", cell: (task) => <Action project={project} task={task} /> },
  ];
  return (
    <Panel
      title={queue === null ? "Tasks of all queues" : `Tasks of ${sentence(queue)}`}
      aside={
        <Select
          size="xs"
          w={150}
          clearable
          aria-label="State"
          placeholder="Any state"
          value={state}
          onChange={(value) => { setState(value); }}
          data={STATES.map((value) => ({ value, label: sentence(value) }))}
        />
      }
      flush
    >
      <DataTable
        query={tasks}
        columns={columns}
        rowKey={(task) => task.id}
        onOpen={(task) => {
          const mode = task.state === "submitted" ? "&mode=review" : "";
          if (!["accepted", "skipped"].includes(task.state)) void navigate(`${workPath}?task=${task.id}${mode}`);
        }}
        empty={<p className={classes.none}>No task is in this state.</p>}
      />
      {tasks.data !== undefined && tasks.data.total > tasks.data.items.length && (
        <p className={classes.none}>
          The first {count(tasks.data.items.length)} of {count(tasks.data.total)}.
        </p>
      )}
    </Panel>
  );
}

function reasonOf(task: Task): string {
  const { p_error: pError } = task.reason;
  if (typeof pError === "number") return `probably wrong, ${percent(pError, 0)}`;
  return task.num_rejections > 0 ? `rejected ${String(task.num_rejections)} times` : "–";
}

function Action({ project, task }: { project: string; task: Task }) {
  const reopen = useReopen(project);
  if (task.state === "accepted" || task.state === "skipped") {
    return (
      <Allowed right="review">
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          loading={reopen.isPending}
          onClick={(event) => {
            event.stopPropagation();
            reopen.mutate(task.id);
          }}
        >
          Reopen
        </Button>
      </Allowed>
    );
  }
  const mode = task.state === "submitted" ? "review" : "label";
  return (
    <Allowed right={mode}>
      <Button
        component={Link}
        size="compact-xs"
        variant="subtle"
        to={`${projectPath(project, "/labeling/work")}?task=${task.id}&mode=${mode}`}
        onClick={(event) => { event.stopPropagation(); }}
      >
        {mode === "review" ? "Review" : "Label"}
      </Button>
    </Allowed>
  );
}
