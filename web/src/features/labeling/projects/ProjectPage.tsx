import { Button, Group } from "@mantine/core";
import { IconPencil, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useParams } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { useMay } from "@/app/useMay";
import { Figures } from "@/ui/Facts";
import { count, dateTime, duration, percent, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Markdown } from "@/ui/Markdown";
import { Page, Panel } from "@/ui/Page";

import type { Progress } from "../queries";
import { AssistPanel } from "./AssistPanel";
import { Batches } from "./Batches";
import { CurvePanel } from "./CurvePanel";
import { Disputes } from "./Disputes";
import { ProjectDialog } from "./ProjectDialog";
import { QualityPanel } from "./QualityPanel";
import { type LabelingProject, useLabelingProject, useQueueProgress } from "./queries";

/** One labeling project: how far it is, who does it, how well. */
export function Component() {
  const project = useProject();
  const name = useParams().name ?? "";
  const query = useLabelingProject(project, name);
  return <Loaded query={query}>{(found) => <Found project={project} found={found} />}</Loaded>;
}

function Found({ project, found }: { project: string; found: LabelingProject }) {
  const progress = useQueueProgress(project, found.name);
  const mayReview = useMay("review").why === null;
  const [isEditing, setIsEditing] = useState(false);
  return (
    <Page
      title={found.title === "" ? found.name : found.title}
      lead={describe(found)}
      actions={
        <Group gap="xs">
          <Allowed right="manage_data">
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => { setIsEditing(true); }}>
              Set up
            </Button>
          </Allowed>
          <Allowed right="label">
            <Button
              component={Link}
              to={`${projectPath(project, "/labeling/work")}?queue=${encodeURIComponent(found.name)}`}
              leftSection={<IconPlayerPlay size={16} />}
            >
              Label
            </Button>
          </Allowed>
        </Group>
      }
    >
      {progress.data && <Pace progress={progress.data} />}
      <Batches project={project} name={found.name} />
      {mayReview && found.num_annotators > 1 && <Disputes project={project} queue={found.name} />}
      {mayReview && <QualityPanel project={project} queue={found.name} />}
      <AssistPanel project={project} queue={found.name} />
      <CurvePanel project={project} name={found.name} />
      {found.instructions !== "" && (
        <Panel title="Instructions">
          <Markdown text={found.instructions} />
        </Panel>
      )}
      {isEditing && <ProjectDialog project={project} found={found} onClose={() => { setIsEditing(false); }} />}
    </Page>
  );
}

function describe(found: LabelingProject): string {
  const parts = [
    found.num_annotators === 1
      ? "One person labels each image."
      : `${plural(found.num_annotators, "person", "people")} label each image on their own; below ${percent(found.min_agreement, 0)} agreement a reviewer decides.`,
  ];
  if (found.gold_share > 0) parts.push(`${percent(found.gold_share, 0)} of the tasks are hidden tests.`);
  if (found.members.length > 0) parts.push(`For ${found.members.join(", ")}.`);
  if (found.where.length > 0) parts.push(`Images with ${found.where.join(" and ")}.`);
  return parts.join(" ");
}

function Pace({ progress }: { progress: Progress }) {
  const done = (progress.by_state.accepted ?? 0) + (progress.by_state.skipped ?? 0);
  const left = progress.total - done;
  return (
    <Figures
      items={[
        { label: "Tasks", value: count(progress.total), note: `${count(left)} are not finished` },
        { label: "Finished", value: percent(progress.total === 0 ? null : done / progress.total, 0), note: `${count(progress.by_state.submitted ?? 0)} are handed in and wait` },
        { label: "Median time", value: progress.median_s === null ? "–" : duration(progress.median_s), note: "per image" },
        { label: "Last hour", value: count(progress.num_last_hour), note: "images handed in" },
        {
          label: "Forecast",
          value: progress.remaining_s === null ? "–" : progress.remaining_s === 0 ? "Done" : duration(progress.remaining_s),
          note: progress.forecast_at === null ? "of work left" : `done by ${dateTime(progress.forecast_at)}`,
        },
      ]}
    />
  );
}
