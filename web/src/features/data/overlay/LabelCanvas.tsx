import { useEffect, useRef } from "react";

import { useCategoryColors } from "@/app/categories";

import classes from "./LabelCanvas.module.css";
import { paintShapes, type Placement } from "./paint";
import type { Shape } from "./shapes";

interface LabelCanvasProps {
  shapes: readonly Shape[];
  /** Where the picture lies under the canvas, in CSS pixels. */
  at: Placement;
  width: number;
  height: number;
  names?: boolean;
  lit?: string | null;
}

/** Labels painted over a picture; sharp at every zoom, because they are painted anew. */
export function LabelCanvas({ shapes, at, width, height, names = false, lit = null }: LabelCanvasProps) {
  const element = useRef<HTMLCanvasElement>(null);
  const colors = useCategoryColors();
  const ratio = window.devicePixelRatio;
  const { scale, left, top, width: wide, height: high } = at;
  useEffect(() => {
    const context = element.current?.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    const [sharp, x, y] = [scale * ratio, left * ratio, top * ratio];
    const line = (width < 200 ? 1.25 : 1.75) * ratio;
    const placement = { scale: sharp, left: x, top: y, width: wide * ratio, height: high * ratio };
    paintShapes(context, shapes, placement, { colors, line, names, lit });
  }, [shapes, scale, left, top, wide, high, width, height, ratio, colors, names, lit]);
  return (
    <canvas
      ref={element}
      className={classes.canvas}
      width={Math.round(width * ratio)}
      height={Math.round(height * ratio)}
      aria-hidden
    />
  );
}
