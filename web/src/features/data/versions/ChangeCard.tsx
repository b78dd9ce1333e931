import { Link } from "react-router";

import { projectPath } from "@/app/project";
import { sentence, words } from "@/ui/format";
import { StateBadge } from "@/ui/State";
import type { Tone } from "@/ui/tones";

import { LabeledPhoto } from "../overlay/LabeledPhoto";
import classes from "./ChangesTab.module.css";
import type { Change, ChangeKind } from "./queries";

const TONES: Record<ChangeKind, Tone> = {
  added: "ok",
  removed: "failing",
  relabeled: "attention",
  moved: "running",
  edited: "idle",
};

/** One image before and after; only labels that differ are drawn. */
export function ChangeCard({ project, change }: { project: string; change: Change }) {
  const before = [...change.labels_removed, ...change.labels_changed.map((item) => item.before)];
  const after = [...change.labels_added, ...change.labels_changed.map((item) => item.after)];
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <Link className={classes.name} to={`${projectPath(project, "/data")}?image=${change.image_id}`} title={change.name}>
          {change.name}
        </Link>
        {change.kinds.map((kind) => (
          <StateBadge key={kind} state={kind} tone={TONES[kind]} />
        ))}
      </div>
      <div className={classes.pair}>
        <Side project={project} change={change} labels={before} split={change.split_before} />
        <Side project={project} change={change} labels={after} split={change.split_after} />
      </div>
      <Fields fields={change.fields} />
    </li>
  );
}

interface SideProps {
  project: string;
  change: Change;
  labels: Change["labels_added"];
  split: string | null;
}

function Side({ project, change, labels, split }: SideProps) {
  if (split === null) return <span className={classes.gone}>not in it</span>;
  return (
    <span className={classes.side}>
      <LabeledPhoto
        project={project}
        imageId={change.image_id}
        name={change.name}
        width={change.width}
        height={change.height}
        annotations={labels}
      />
      <span className={classes.text}>{[split, tally(labels)].filter((text) => text !== "").join(" · ")}</span>
    </span>
  );
}

/** "3 RBC, 1 WBC" for shapes, "bolt" for a class of the whole image. */
function tally(labels: Change["labels_added"]): string {
  const counts = new Map<string, number>();
  for (const { category } of labels) counts.set(category, (counts.get(category) ?? 0) + 1);
  const isClass = labels.every(({ kind }) => kind === "class");
  return [...counts].map(([name, number]) => (isClass ? name : `${String(number)} ${name}`)).join(", ");
}

const SHOWN_FIELDS = 4;
/** Change whenever labels do, and say no more than they. */
const FOLLOW = new Set(["source", "author", "score"]);

function Fields({ fields }: { fields: Change["fields"] }) {
  const changed = Object.entries(fields)
    .filter(([name]) => !FOLLOW.has(name))
    .slice(0, SHOWN_FIELDS);
  if (changed.length === 0) return null;
  return (
    <p className={classes.fields}>
      {changed.map(([name, { before, after }]) => `${sentence(words(name))}: ${plain(before)} → ${plain(after)}`).join("; ")}
    </p>
  );
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "string") return words(value);
  return value === null ? "none" : JSON.stringify(value);
}
