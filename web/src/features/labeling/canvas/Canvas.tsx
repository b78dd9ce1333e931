import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { handleAt } from "./boxes";
import classes from "./Canvas.module.css";
import type { Edit } from "./history";
import { buildHitGrid } from "./hitGrid";
import { type Interaction, step, type PointerEvent as Pointer, type Under } from "./interaction";
import type { Colors } from "./paint";
import { createScene, type Scene } from "./scene";
import type { Box, Point, Shape, Size } from "./shapes";
import { useViewport } from "./useViewport";
import { fit, pan, toImage, type Viewport, zoomAt } from "./viewport";

export interface CanvasProps {
  image: HTMLImageElement;
  size: Size;
  shapes: readonly Shape[];
  colors: Colors;
  category: string;
  drawable: boolean;
  locked: boolean;
  filter: string;
  interaction: Interaction;
  onInteraction: (next: Interaction) => void;
  onEdit: (edit: Edit) => void;
  /** Lets the workspace fit, zoom and ask what is visible. */
  onReady: (control: CanvasControl) => void;
}

export interface CanvasControl {
  fit: () => void;
  zoom: (factor: number) => void;
  visible: () => Box;
}

const REACH_PX = 6;

/** The drawing surface: turns mouse and wheel into pointer steps and viewport changes. */
export function Canvas(props: CanvasProps) {
  const { image, size, shapes, colors, interaction, onReady, filter } = props;
  const container = useRef<HTMLDivElement>(null);
  const scene = useRef<Scene | null>(null);
  const [stage, setStage] = useState<Size>({ width: 0, height: 0 });
  const [view, setView] = useViewport(size, stage);
  const [cursor, setCursor] = useState<Point | null>(null);
  const [panning, setPanning] = useState(false);
  const grid = useMemo(() => buildHitGrid(shapes, Math.max(size.width, size.height)), [shapes, size]);

  useLayoutEffect(() => {
    const node = container.current;
    if (node === null) return;
    const created = createScene(node);
    scene.current = created;
    const observer = new ResizeObserver(() => {
      setStage({ width: node.clientWidth, height: node.clientHeight });
    });
    observer.observe(node);
    return () => {
      observer.disconnect();
      created.destroy();
      scene.current = null;
    };
  }, []);

  useLayoutEffect(() => {
    if (stage.width > 0) scene.current?.resize(stage);
  }, [stage]);

  useLayoutEffect(() => {
    scene.current?.setImage(image, size);
  }, [image, size]);

  const { gesture } = interaction;
  const held = gesture.type === "moving" || gesture.type === "resizing" ? gesture.shape.id : null;
  useLayoutEffect(() => {
    const still = held === null ? shapes : shapes.filter((shape) => shape.id !== held);
    scene.current?.setShapes(still, colors);
  }, [shapes, colors, held]);

  useLayoutEffect(() => {
    if (view !== null) scene.current?.setViewport(view);
  }, [view]);
  useEffect(() => {
    scene.current?.setFilter(filter);
  }, [filter]);

  const selected = shapes.find((shape) => shape.id === interaction.selected) ?? null;
  useLayoutEffect(() => {
    scene.current?.setActive({
      box: gesture.type === "none" ? (selected?.bbox ?? null) : gesture.box,
      category: gesture.type === "drawing" ? props.category : (selected?.category ?? props.category),
      handles: selected?.kind === "box" && gesture.type !== "drawing" && !props.locked,
      crosshair: interaction.armed ? cursor : null,
    });
  }, [gesture, selected, cursor, interaction.armed, props.category, props.locked, view]);

  useEffect(() => {
    onReady({
      fit: () => { setView(() => fit(size, stage)); },
      zoom: (factor) => {
        setView((now) => zoomAt(now, { x: stage.width / 2, y: stage.height / 2 }, factor));
      },
      visible: () => visibleBox(view ?? fit(size, stage), stage, size),
    });
  }, [onReady, setView, size, stage, view]);

  function send(event: Pointer): void {
    const { drawable, locked, category } = props;
    const outcome = step(interaction, event, { image: size, category, drawable, locked });
    outcome.edits.forEach(props.onEdit);
    if (outcome.state !== interaction) props.onInteraction(outcome.state);
  }

  function under(at: Point, reach: number): Under {
    if (selected?.bbox && selected.kind === "box") {
      const handle = handleAt(selected.bbox, at, reach);
      if (handle !== null) return { shape: selected, handle };
    }
    return { shape: grid.at(at, reach / 2), handle: null };
  }

  const space = useSpaceKey();
  useWheelZoom(container, setView);

  return (
    <div
      ref={container}
      className={classes.canvas}
      data-cursor={panning || space.current ? "pan" : cursorOf(interaction, cursor, view, under)}
      onPointerDown={(event) => {
        if (view === null) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        if (event.button === 1 || (event.button === 0 && space.current)) {
          event.preventDefault();
          setPanning(true);
        } else if (event.button === 0) {
          const at = pointOf(event, view);
          send({ type: "down", at, under: under(at, REACH_PX / view.scale) });
        }
      }}
      onPointerMove={(event) => {
        if (view === null) return;
        if (panning) {
          setView((now) => pan(now, { x: event.movementX, y: event.movementY }));
          return;
        }
        const at = pointOf(event, view);
        setCursor(at);
        if (gesture.type !== "none") send({ type: "move", at });
      }}
      onPointerUp={(event) => {
        if (panning) setPanning(false);
        else if (view !== null && gesture.type !== "none") {
          send({ type: "up", at: pointOf(event, view) });
        }
      }}
      onPointerCancel={() => { send({ type: "cancel" }); }}
      onPointerLeave={() => { setCursor(null); }}
    />
  );
}

function pointOf(event: React.PointerEvent<HTMLDivElement>, view: Viewport): Point {
  const rect = event.currentTarget.getBoundingClientRect();
  return toImage(view, { x: event.clientX - rect.left, y: event.clientY - rect.top });
}

function visibleBox(view: Viewport, stage: Size, image: Size): Box {
  const low = toImage(view, { x: 0, y: 0 });
  const high = toImage(view, { x: stage.width, y: stage.height });
  return [
    Math.max(low.x, 0),
    Math.max(low.y, 0),
    Math.min(high.x, image.width),
    Math.min(high.y, image.height),
  ];
}

function cursorOf(
  interaction: Interaction,
  cursor: Point | null,
  view: Viewport | null,
  under: (at: Point, reach: number) => Under,
): string {
  const { gesture } = interaction;
  if (gesture.type === "resizing") return gesture.handle;
  if (gesture.type === "moving") return "move";
  if (interaction.armed || gesture.type === "drawing") return "draw";
  if (cursor === null || view === null) return "default";
  const found = under(cursor, REACH_PX / view.scale);
  return found.handle ?? (found.shape === null ? "default" : "move");
}

/** Zooms at the cursor; a listener of our own, because React's wheel listener is passive. */
function useWheelZoom(
  container: React.RefObject<HTMLDivElement | null>,
  setView: (change: (view: Viewport) => Viewport) => void,
): void {
  useEffect(() => {
    const node = container.current;
    if (node === null) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const rect = node.getBoundingClientRect();
      const at = { x: event.clientX - rect.left, y: event.clientY - rect.top };
      const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016));
      setView((view) => zoomAt(view, at, factor));
    };
    node.addEventListener("wheel", onWheel, { passive: false });
    return () => { node.removeEventListener("wheel", onWheel); };
  }, [container, setView]);
}

/** Whether the space bar is held: then a drag pans. */
function useSpaceKey(): React.RefObject<boolean> {
  const held = useRef(false);
  useEffect(() => {
    const change = (event: KeyboardEvent) => {
      if (event.code !== "Space" || event.target instanceof HTMLInputElement) return;
      held.current = event.type === "keydown";
    };
    window.addEventListener("keydown", change);
    window.addEventListener("keyup", change);
    return () => {
      window.removeEventListener("keydown", change);
      window.removeEventListener("keyup", change);
    };
  }, []);
  return held;
}
