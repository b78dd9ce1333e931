import { ActionIcon, Switch, Tooltip } from "@mantine/core";
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { IconMaximize, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { type PointerEvent, useEffect, useRef, useState } from "react";

import { percent } from "@/ui/format";

import { LabelCanvas } from "../overlay/LabelCanvas";
import type { Placement } from "../overlay/paint";
import type { Shape } from "../overlay/shapes";
import classes from "./Stage.module.css";
import { useSource } from "./useSource";
import { fitted, panned, zoomed } from "./view";

interface StageProps {
  project: string;
  image: { id: string; name: string; width: number; height: number };
  shapes: readonly Shape[];
  lit: string | null;
}

const STEP = 1.5;
const WHEEL_PACE = 0.0016;
/** From here on every pixel is shown as it is. */
const MOSAIC = 3;

/** One image with its labels: the wheel zooms at the cursor, dragging moves, a double click fits. */
export function Stage({ project, image, shapes, lit }: StageProps) {
  const { ref: sized, width, height } = useElementSize<HTMLDivElement>();
  const element = useRef<HTMLDivElement>(null);
  const stage = { width, height };
  // A view of its own only after the reader zoomed; before, the image fits whatever the stage is.
  const [own, setOwn] = useState<Placement | null>(null);
  const [labels, setLabels] = useState(true);
  const view = own ?? fitted(image, stage);
  const src = useSource(project, image, view.width * window.devicePixelRatio);
  const zoom = (factor: number, x = width / 2, y = height / 2) => {
    setOwn((now) => zoomed(now ?? fitted(image, stage), image, stage, factor, x, y));
  };
  useWheel(element, zoom);
  const drag = useDrag((byX, byY) => { setOwn((now) => panned(now ?? view, byX, byY)); });

  return (
    <div className={classes.frame}>
      <div
        ref={useMergedRef(sized, element)}
        className={classes.stage}
        {...drag}
        onDoubleClick={() => { setOwn(null); }}
      >
        {src !== null && (
          <img
            className={classes.image}
            src={src}
            alt={image.name}
            draggable={false}
            data-mosaic={view.scale >= MOSAIC || undefined}
            style={{ left: view.left, top: view.top, width: view.width, height: view.height }}
          />
        )}
        {labels && src !== null && width > 0 && (
          <LabelCanvas shapes={shapes} at={view} width={width} height={height} names lit={lit} />
        )}
      </div>
      <div className={classes.bar}>
        <Switch
          size="xs"
          label="Labels"
          checked={labels}
          onChange={(event) => { setLabels(event.currentTarget.checked); }}
        />
        <span className={classes.space} />
        <Button label="Zoom out" onClick={() => { zoom(1 / STEP); }} icon={<IconZoomOut size={17} />} />
        <span className={classes.scale}>{percent(view.scale, 0)}</span>
        <Button label="Zoom in" onClick={() => { zoom(STEP); }} icon={<IconZoomIn size={17} />} />
        <Button label="Fit" onClick={() => { setOwn(null); }} icon={<IconMaximize size={16} />} />
      </div>
    </div>
  );
}

function Button({ label, icon, onClick }: { label: string; icon: React.ReactNode; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

/** Zooms by the wheel; React listens passively, which would scroll the page as well. */
function useWheel(element: React.RefObject<HTMLDivElement | null>, zoom: (factor: number, x: number, y: number) => void) {
  const latest = useRef(zoom);
  useEffect(() => { latest.current = zoom; });
  useEffect(() => {
    const node = element.current;
    if (node === null) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = node.getBoundingClientRect();
      latest.current(Math.exp(-event.deltaY * WHEEL_PACE), event.clientX - left, event.clientY - top);
    };
    node.addEventListener("wheel", onWheel, { passive: false });
    return () => { node.removeEventListener("wheel", onWheel); };
  }, [element]);
}

function useDrag(move: (byX: number, byY: number) => void) {
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => { event.currentTarget.setPointerCapture(event.pointerId); },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event.movementX, event.movementY);
    },
  };
}
