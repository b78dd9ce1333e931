import { Button, Group, NumberInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { useOutletContext } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Figures } from "@/ui/Facts";
import { count, percent, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";
import { PhotoGrid, PhotoTile } from "@/ui/PhotoTile";
import { StateBadge } from "@/ui/State";

import classes from "./Monitoring.module.css";
import {
  loggedPhotoUrl,
  type Monitor,
  type ReviewOutcomes,
  type Selection,
  useOutcomes,
  useSelections,
  useSendToReview,
} from "./queries";

/** Production images that went to people, and how well the queue finds errors. */
export function Component() {
  const project = useProject();
  const monitor = useOutletContext<Monitor>();
  const outcomes = useOutcomes(project, monitor.name);
  const selections = useSelections(project, monitor.name);
  return (
    <>
      <Loaded query={outcomes}>{(found) => <Outcomes outcomes={found} />}</Loaded>
      <Panel title="Images sent to people" aside={<Send project={project} monitor={monitor} />}>
        <Loaded query={selections}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState title="Nothing was sent yet">
                The images most likely wrong become labeling tasks, and a random part of them keeps the
                accuracy estimate honest.
              </EmptyState>
            ) : (
              <PhotoGrid>
                {items.map((item) => (
                  <Tile key={item.id} item={item} />
                ))}
              </PhotoGrid>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}

function Send({ project, monitor }: { project: string; monitor: Monitor }) {
  const send = useSendToReview(project, monitor.name);
  const [budget, setBudget] = useState<number>(monitor.settings.review_budget);
  const submit = () => {
    send.mutate(
      { budget, alert_id: null },
      {
        onSuccess: (batch) => {
          notifications.show({
            color: "teal",
            title: "Sent to the labeling queue",
            message: `${plural(batch.num_selected, "image")} of ${count(batch.num_candidates)}, ${String(batch.num_audit)} drawn at random.`,
          });
        },
      },
    );
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <NumberInput
        size="xs"
        w={110}
        min={1}
        max={10000}
        suffix=" images"
        aria-label="How many images"
        value={budget}
        onChange={(value) => { setBudget(Number(value) || 1); }}
      />
      <Allowed right="watch">
        <Button size="xs" leftSection={<IconSend size={14} />} loading={send.isPending} onClick={submit}>
          Send to review
        </Button>
      </Allowed>
    </Group>
  );
}

function Outcomes({ outcomes }: { outcomes: ReviewOutcomes }) {
  const { audit, lift } = outcomes;
  return (
    <Figures
      items={[
        {
          label: "Sent",
          value: count(outcomes.num_selected),
          note: `${count(outcomes.num_reviewed)} reviewed`,
        },
        { label: "Errors found", value: count(outcomes.num_errors) },
        {
          label: "Hit rate of the queue",
          value: percent(outcomes.hit_rate),
          note: `at random ${percent(outcomes.base_error_rate)}`,
        },
        { label: "Lift", value: lift === null ? "–" : `${lift.toFixed(1)} ×`, note: "over random images" },
        {
          label: "Least confidence would hit",
          value: percent(outcomes.rival_hit_rate),
          note: "the rival ranking",
        },
        {
          label: "Audited accuracy",
          value: percent(audit?.value),
          note: audit
            ? `95 % interval ${(audit.low * 100).toFixed(1)} to ${(audit.high * 100).toFixed(1)}`
            : "no audited label yet",
        },
      ]}
    />
  );
}

function Tile({ item }: { item: Selection }) {
  const project = useProject();
  const state = item.is_error === null ? "waiting" : item.is_error ? "wrong" : "right";
  return (
    <PhotoTile
      src={loggedPhotoUrl(project, item.endpoint, item.image_id)}
      alt={`Photo predicted as ${item.predicted}`}
      to={item.task_id === null ? undefined : projectPath(project, `/labeling/work?task=${item.task_id}`)}
    >
      <strong>{item.predicted}</strong>
      {item.is_error === true && ` → ${item.true_label ?? "another class"}`}
      <div className="vl-dim">
        {item.is_audit ? "drawn at random" : `P(error) ${percent(item.p_error, 0)}`}
      </div>
      <div className={classes.badges}>
        <StateBadge
          state={state}
          tone={item.is_error === null ? "attention" : item.is_error ? "failing" : "ok"}
          label={{ waiting: "To review", wrong: "Was wrong", right: "Was right" }[state]}
        />
      </div>
    </PhotoTile>
  );
}
