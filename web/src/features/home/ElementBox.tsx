import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { projectPath } from "@/app/project";
import { StateDot } from "@/ui/State";
import { toneOf } from "@/ui/tones";

import classes from "./ElementBox.module.css";
import type { Element } from "./elements";
import type { ElementState } from "./queries";

interface ElementBoxProps {
  element: Element;
  state: ElementState | undefined;
  project: string;
  loading: boolean;
  /** Short and wide: heading on the left, facts on the right. */
  flat?: boolean;
  children?: ReactNode;
}

/** One box of the diagram: number, name, owner, live state, headline, facts; all of it a link. */
export function ElementBox({ element, state, project, loading, flat, children }: ElementBoxProps) {
  const tone = toneOf(state?.state ?? "idle");
  return (
    <Link
      to={projectPath(project, state?.link ?? element.link)}
      className={classes.box}
      data-element={element.key}
      data-tone={tone}
      data-flat={flat || undefined}
    >
      <BoxHead element={element} state={state} />
      <div className={classes.body}>
        {loading ? <Skeleton height={13} width="80%" my={3} /> : <p className={classes.headline}>{state?.headline}</p>}
        {children}
        <BoxFacts state={state} />
      </div>
    </Link>
  );
}

export function BoxHead({ element, state }: { element: Element; state: ElementState | undefined }) {
  const Icon = element.icon;
  const tone = toneOf(state?.state ?? "idle");
  return (
    <div className={classes.head}>
      <span className={classes.icon} aria-hidden>
        <Icon size={17} stroke={1.7} />
      </span>
      <div className={classes.names}>
        <h2 className={classes.title}>
          <span className={classes.number}>{element.number}</span>
          {element.title}
        </h2>
        <div className={classes.owner}>{element.owner}</div>
      </div>
      <StateDot tone={tone} label={state?.state ?? "state unknown"} />
    </div>
  );
}

function BoxFacts({ state }: { state: ElementState | undefined }) {
  if (state === undefined || state.facts.length === 0) return null;
  return (
    <dl className={classes.facts}>
      {state.facts.slice(0, 3).map((fact) => (
        <div key={fact.label} className={classes.fact}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
