import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTags } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { Command } from "@/ui/Command";
import { EmptyState } from "@/ui/EmptyState";
import { Figures } from "@/ui/Facts";
import { count, dateTime, duration, percent, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page, Panel } from "@/ui/Page";

import { Labelers } from "./Labelers";
import { ProjectList } from "./projects/ProjectList";
import { type Progress, useProgress, useQueues, useQueueUnlabeled } from "./queries";
import { QueueCard } from "./QueueCard";
import classes from "./QueuesPage.module.css";
import { TaskTable } from "./TaskTable";

export function Component() {
  const project = useProject();
  const queues = useQueues(project);
  const progress = useProgress(project);
  const [queue, setQueue] = useState<string | null>(null);
  return (
    <Page
      title="Labeling"
      lead="Images that wait for a person: labels to make, work to review, and what production found hard."
      actions={
        <>
          <Button component={Link} to={projectPath(project, "/labeling/schema")} variant="default">
            Label schema
          </Button>
          <QueueUnlabeled project={project} />
        </>
      }
    >
      <ProjectList project={project} />
      <Loaded query={queues}>
        {(data) =>
          data.items.length === 0 ? (
            <Panel>
              <NoQueue project={project} />
            </Panel>
          ) : (
            <>
              {progress.data && <Pace progress={progress.data} />}
              <ul className={classes.queues}>
                {data.items.map((item) => (
                  <QueueCard
                    key={item.name}
                    project={project}
                    queue={item}
                    selected={queue === item.name}
                    onSelect={() => { setQueue(queue === item.name ? null : item.name); }}
                  />
                ))}
              </ul>
              <TaskTable project={project} queue={queue} />
              {progress.data && progress.data.labelers.length > 0 && (
                <Labelers labelers={progress.data.labelers} />
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Pace({ progress }: { progress: Progress }) {
  const done = (progress.by_state.accepted ?? 0) + (progress.by_state.skipped ?? 0);
  const submitted = progress.by_state.submitted ?? 0;
  return (
    <Figures
      items={[
        { label: "Tasks", value: count(progress.total), note: `${count(done)} finished` },
        {
          label: "Finished",
          value: percent(progress.total === 0 ? null : done / progress.total, 0),
          note: `${count(submitted)} wait for review`,
        },
        {
          label: "Median time",
          value: progress.median_s === null ? "–" : duration(progress.median_s),
          note: "per image",
        },
        { label: "Last hour", value: count(progress.num_last_hour), note: "images submitted" },
        { label: "Forecast", ...forecastOf(progress) },
      ]}
    />
  );
}

function forecastOf(progress: Progress): { value: string; note: string } {
  if (progress.remaining_s === null) return { value: "–", note: "after the first image" };
  if (progress.remaining_s === 0) return { value: "Done", note: "nothing is left to label" };
  const end = progress.forecast_at;
  return {
    value: duration(progress.remaining_s),
    note: end === null ? "of work left" : `done by ${dateTime(end)}`,
  };
}

function QueueUnlabeled({ project }: { project: string }) {
  const create = useQueueUnlabeled(project);
  return (
    <Allowed right="manage_data">
      <Button
        variant="default"
        leftSection={<IconTags size={16} />}
        loading={create.isPending}
        onClick={() => {
          create.mutate(undefined, {
            onSuccess: (made) =>
              notifications.show({
                title: `${plural(made.num_created, "image")} queued`,
                message:
                  made.num_existing > 0 ? `${plural(made.num_existing, "image")} waited already.` : "",
              }),
          });
        }}
      >
        Queue all unlabeled images
      </Button>
    </Allowed>
  );
}

function NoQueue({ project }: { project: string }) {
  return (
    <EmptyState
      title="No image waits for a labeler"
      icon={<IconTags size={22} stroke={1.6} />}
      action={
        <Button component={Link} to={`${projectPath(project, "/data")}?annotation_status=unlabeled`} variant="default">
          Show unlabeled images
        </Button>
      }
    >
      Select images on the data page and queue them, or queue everything that has no label. Images
      that monitoring finds hard arrive here by themselves.
      <Command>{`visionloop labeling create --status unlabeled --project ${project}`}</Command>
    </EmptyState>
  );
}
