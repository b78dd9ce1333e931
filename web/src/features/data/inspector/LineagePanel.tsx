import { Link } from "react-router";

import type { components } from "@/api/schema";
import { projectPath } from "@/app/project";
import { percent, plural, sentence, words } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { StateDot } from "@/ui/State";
import { Time } from "@/ui/Time";
import { toneOf } from "@/ui/tones";

import { useLineage } from "../queries";
import { Section } from "./DetailsPanel";
import classes from "./LineagePanel.module.css";

type Lineage = components["schemas"]["ImageLineageOut"];

interface LineagePanelProps {
  project: string;
  imageId: string;
}

/** Everything the image went into and came from. */
export function LineagePanel({ project, imageId }: LineagePanelProps) {
  const lineage = useLineage(project, imageId);
  return (
    <Loaded query={lineage}>
      {(found) => (
        <>
          <Versions project={project} found={found} />
          <Runs project={project} found={found} />
          <Models project={project} found={found} />
          <Predictions project={project} found={found} />
          <Tasks project={project} found={found} />
          <History events={found.events} />
        </>
      )}
    </Loaded>
  );
}

interface PartProps {
  project: string;
  found: Lineage;
}

function Versions({ project, found }: PartProps) {
  return (
    <Part title="Dataset versions" none="No frozen version holds this image yet." items={found.versions}>
      {(item) => (
        <Line
          key={item.version_id}
          to={projectPath(project, `/data/versions/${encodeURIComponent(item.version_id)}`)}
          name={item.reference}
          note={`${item.split}, ${item.label ?? plural(item.num_annotations, "label")}`}
          time={item.created_at}
        />
      )}
    </Part>
  );
}

function Runs({ project, found }: PartProps) {
  return (
    <Part title="Runs" none="No run was started on a version with this image." items={found.runs}>
      {(item) => (
        <Line
          key={item.run_id}
          to={projectPath(project, `/runs/${item.run_id}`)}
          state={item.status}
          name={item.name}
          note={item.split === "train" ? "learned from it" : `measured on it (${item.split})`}
          time={item.created_at}
        />
      )}
    </Part>
  );
}

function Models({ project, found }: PartProps) {
  return (
    <Part title="Models that learned from it" none="None." items={found.models}>
      {(item) => (
        <Line
          key={`${item.model}:${String(item.version)}`}
          to={projectPath(project, `/models/${encodeURIComponent(item.model)}/versions/${String(item.version)}`)}
          name={`${item.model}:${String(item.version)}`}
          note={item.aliases.join(", ")}
          time={item.created_at}
        />
      )}
    </Part>
  );
}

function Predictions({ project, found }: PartProps) {
  return (
    <Part title="Predictions in production" none="No endpoint was asked about this image." items={found.predictions}>
      {(item) => (
        <Line
          key={item.request_id}
          to={projectPath(project, `/endpoints/${encodeURIComponent(item.endpoint)}`)}
          name={`${item.label} ${percent(item.score, 0)}`}
          note={`${item.endpoint}, ${item.deployment}${item.true_label === null ? "" : `, truth: ${item.true_label}`}`}
          time={item.time}
        />
      )}
    </Part>
  );
}

function Tasks({ project, found }: PartProps) {
  return (
    <Part title="Labeling tasks" none="It was never queued for labeling." items={found.tasks}>
      {(item) => (
        <Line
          key={item.id}
          to={projectPath(project, "/labeling")}
          state={item.state}
          name={`${item.queue}: ${words(item.state)}`}
          note={item.labeler ?? item.assignee ?? "anybody"}
          time={item.ended_at ?? item.created_at}
        />
      )}
    </Part>
  );
}

function History({ events }: { events: Lineage["events"] }) {
  return (
    <Part title="History" none="Nothing has happened to it since it came in." items={events}>
      {(item) => (
        <Line
          key={item.id}
          name={sentence(item.type.replace("visionloop.", "").replaceAll(".", " "))}
          note={[item.actor, item.data.reason].filter((text) => typeof text === "string" && text !== "").join(": ")}
          time={item.time}
        />
      )}
    </Part>
  );
}

interface ListProps<Item> {
  title: string;
  none: string;
  items: readonly Item[];
  children: (item: Item) => React.ReactNode;
}

function Part<Item>({ title, none, items, children }: ListProps<Item>) {
  return (
    <Section title={title}>
      {items.length === 0 ? <p className={classes.none}>{none}</p> : <ul className={classes.list}>{items.map(children)}</ul>}
    </Section>
  );
}

interface LineProps {
  to?: string;
  state?: string;
  name: string;
  note: string;
  time: string;
}

function Line({ to, state, name, note, time }: LineProps) {
  return (
    <li>
      {state !== undefined && <StateDot tone={toneOf(state)} label={words(state)} />}
      {to === undefined ? <span>{name}</span> : <Link to={to}>{name}</Link>}
      <span className={classes.note}>{note}</span>
      <span className={classes.time}>
        <Time iso={time} />
      </span>
    </li>
  );
}
