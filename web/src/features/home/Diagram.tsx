import { IconLock, IconLockOpen } from "@tabler/icons-react";
import { useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { projectPath } from "@/app/project";

import classes from "./Diagram.module.css";
import { Edges } from "./Edges";
import { flowing, type Layout } from "./edges";
import { BoxHead, ElementBox } from "./ElementBox";
import { type ElementKey, ELEMENTS } from "./elements";
import { InnerLoop } from "./InnerLoop";
import { AccuracyTrend, NewestImages, PoorImages, Targets } from "./Glimpses";
import type { Overview } from "./queries";
import type { Rect } from "./routing";

const FLAT: readonly ElementKey[] = ["model_data_events", "infrastructure_events"];

interface DiagramProps {
  project: string;
  overview: Overview | undefined;
  loading: boolean;
}

/** The ten elements of the reference architecture, live, with the arrows between them. */
export function Diagram({ project, overview, loading }: DiagramProps) {
  const { root, boxes, layout } = useBoxes();
  const states = new Map(overview?.elements.map((state) => [state.key, state]));
  const box = (key: ElementKey) => (
    <ElementBox
      element={ELEMENTS[key]}
      state={states.get(key)}
      project={project}
      loading={loading}
      flat={layout === "row" && FLAT.includes(key)}
    >
      {key === "inner_loop" && (
        <InnerLoop
          running={overview?.running ?? []}
          active={states.get("inner_loop")?.state === "running"}
        />
      )}
      {key === "data_estate" && <NewestImages project={project} />}
      {key === "model_data_events" && <PoorImages project={project} />}
      {key === "production" && <Targets online={isUp(states.get("production")?.state)} />}
      {key === "monitoring" && <AccuracyTrend project={project} />}
    </ElementBox>
  );
  const outer = states.get("outer_loop");
  return (
    <nav ref={root} className={classes.diagram} aria-label="The ten elements of the loop">
      <Edges boxes={boxes} layout={layout} active={flowing(overview)} />
      {box("data_estate")}
      {box("administration")}
      {box("inner_loop")}
      {box("registry")}
      <div className={classes.outer} data-element="outer_loop">
        <Link
          to={projectPath(project, outer?.link ?? ELEMENTS.outer_loop.link)}
          className={classes.outerHead}
        >
          <BoxHead element={ELEMENTS.outer_loop} state={outer} />
          <p className={classes.outerLine}>{outer?.headline}</p>
        </Link>
        <div className={classes.stages}>
          {box("staging")}
          <Gate waits={isWaiting(overview)} />
          {box("production")}
        </div>
      </div>
      {box("monitoring")}
      {box("model_data_events")}
      {box("infrastructure_events")}
    </nav>
  );
}

function isUp(state: string | undefined): boolean {
  return state !== undefined && state !== "idle" && state !== "failing";
}

/** A promotion has passed its gates and waits for a person. */
function isWaiting(overview: Overview | undefined): boolean {
  return overview?.running.some((item) => item.state === "waiting_for_approval") ?? false;
}

function Gate({ waits }: { waits: boolean }) {
  const Icon = waits ? IconLock : IconLockOpen;
  return (
    <div className={classes.gate} data-element="gate" data-waits={waits || undefined}>
      <Icon size={14} stroke={1.8} aria-hidden />
      <span>{waits ? "Waits for approval" : "Gated approval"}</span>
    </div>
  );
}

/** Measures every box, again after each change of size, so that arrows can meet them. */
function useBoxes() {
  const root = useRef<HTMLElement>(null);
  const [measured, setMeasured] = useState<{ boxes: ReadonlyMap<string, Rect>; layout: Layout }>({
    boxes: new Map(),
    layout: "row",
  });
  useLayoutEffect(() => {
    const node = root.current;
    if (node === null) return;
    const measure = () => {
      setMeasured({ boxes: readBoxes(node), layout: node.clientWidth < RING_BELOW ? "ring" : "row" });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    node.querySelectorAll("[data-element]").forEach((child) => { observer.observe(child); });
    measure();
    return () => { observer.disconnect(); };
  }, []);
  return { root, ...measured };
}

/** The same limit as the container query in Diagram.module.css. */
const RING_BELOW = 1040;

function readBoxes(node: HTMLElement): Map<string, Rect> {
  const origin = node.getBoundingClientRect();
  const boxes = new Map<string, Rect>();
  node.querySelectorAll<HTMLElement>("[data-element]").forEach((child) => {
    const rect = child.getBoundingClientRect();
    boxes.set(child.dataset.element ?? "", {
      x: rect.left - origin.left,
      y: rect.top - origin.top,
      width: rect.width,
      height: rect.height,
    });
  });
  return boxes;
}
