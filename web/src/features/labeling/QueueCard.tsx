import { Button } from "@mantine/core";
import { Link } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath } from "@/app/project";
import { count, sentence } from "@/ui/format";
import { Time } from "@/ui/Time";

import type { Queue } from "./queries";
import classes from "./QueueCard.module.css";

interface QueueCardProps {
  project: string;
  queue: Queue;
  selected: boolean;
  onSelect: () => void;
}

const PARTS = [
  { key: "accepted", label: "accepted" },
  { key: "submitted", label: "to review" },
  { key: "in_progress", label: "in work" },
  { key: "rejected", label: "rejected" },
  { key: "open", label: "open" },
  { key: "skipped", label: "skipped" },
] as const;

/** One queue: how full it is, and the two ways to work on it. */
export function QueueCard({ project, queue, selected, onSelect }: QueueCardProps) {
  const toLabel = queue.open + queue.rejected + queue.in_progress;
  const work = `${projectPath(project, "/labeling/work")}?queue=${encodeURIComponent(queue.name)}`;
  return (
    <li className={classes.card} data-selected={selected || undefined}>
      <div className={classes.head}>
        <h2>{sentence(queue.name)}</h2>
        <span className="vl-dim">
          {count(queue.total)} tasks
          {queue.oldest_open_at !== null && (
            <>
              , oldest <Time iso={queue.oldest_open_at} />
            </>
          )}
        </span>
      </div>
      <div className={classes.bar} aria-hidden>
        {PARTS.map(({ key }) => (
          <span key={key} data-part={key} style={{ flexGrow: queue[key] }} />
        ))}
      </div>
      <dl className={classes.counts}>
        {PARTS.filter(({ key }) => queue[key] > 0).map(({ key, label }) => (
          <div key={key}>
            <span className={classes.mark} data-part={key} aria-hidden />
            <dd>{count(queue[key])}</dd>
            <dt>{label}</dt>
          </div>
        ))}
      </dl>
      <div className={classes.foot}>
        <Allowed right="label">
          <Button component={Link} to={work} size="xs" data-disabled={toLabel === 0 || undefined}>
            Label {toLabel > 0 && count(toLabel)}
          </Button>
        </Allowed>
        <Allowed right="review">
          <Button
            component={Link}
            to={`${work}&mode=review`}
            size="xs"
            variant="default"
            data-disabled={queue.submitted === 0 || undefined}
          >
            Review {queue.submitted > 0 && count(queue.submitted)}
          </Button>
        </Allowed>
        <Button size="xs" variant="subtle" color="gray" aria-pressed={selected} onClick={onSelect}>
          {selected ? "Show all tasks" : "Show tasks"}
        </Button>
      </div>
    </li>
  );
}
