import { Progress } from "@mantine/core";
import { Link } from "react-router";

import { projectPath } from "@/app/project";
import { percent, words } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { StateDot } from "@/ui/State";
import { Time } from "@/ui/Time";
import { toneOf } from "@/ui/tones";

import classes from "./Activity.module.css";
import type { Overview } from "./queries";

/** A summary without the long ids and digests that only machines read. */
function withoutIds(summary: string): string {
  return summary.replaceAll(/\s?\b(?:[a-z]+_01[0-9a-z]{18,}|[0-9a-f]{32,})/g, "");
}

/** What runs now and what happened last, below the diagram. */
export function Activity({ project, overview }: { project: string; overview: Overview }) {
  return (
    <div className={classes.columns}>
      <Panel title="Running now" flush>
        <Running project={project} items={overview.running} />
      </Panel>
      <Panel title="Recent events" flush>
        <Events items={overview.recent_events} />
      </Panel>
    </div>
  );
}

function Running({ project, items }: { project: string; items: Overview["running"] }) {
  if (items.length === 0) {
    return <p className={classes.quiet}>Nothing runs. Jobs and pipelines show up here as they start.</p>;
  }
  return (
    <ul className={classes.list}>
      {items.map((item) => (
        <li key={item.id}>
          <Link className={classes.running} to={projectPath(project, item.link)}>
            <StateDot tone={toneOf(item.state)} label={item.state} />
            <span className={classes.what}>{item.title}</span>
            <span className="vl-dim">{words(item.state)}</span>
            {item.progress !== null && (
              <span className={classes.progress}>
                <Progress value={item.progress * 100} size={5} aria-label={`${item.title} progress`} />
                <span className={classes.share}>{percent(item.progress, 0)}</span>
              </span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Events({ items }: { items: Overview["recent_events"] }) {
  if (items.length === 0) {
    return <p className={classes.quiet}>No event yet. Every change of state leaves one.</p>;
  }
  return (
    <ul className={classes.list}>
      {items.slice(0, 8).map((event) => (
        <li key={event.id} className={classes.event}>
          <span className={classes.what} title={event.type}>
            {withoutIds(event.summary)}
          </span>
          <span className="vl-dim">{event.actor}</span>
          <span className={classes.time}>
            <Time iso={event.time} />
          </span>
        </li>
      ))}
    </ul>
  );
}
