import { useEffect, useRef } from "react";

import { useCategoryColors } from "@/app/categories";

import classes from "./LabelCanvas.module.css";
import { paintShapes, place } from "./paint";
import type { Shape } from "./shapes";

interface LabelCanvasProps {
  shapes: readonly Shape[];
  image: { width: number; height: number };
  width: number;
  height: number;
  names?: boolean;
  lit?: string | null;
}

/** Labels painted over a picture that is fitted into the same rectangle. */
export function LabelCanvas({ shapes, image, width, height, names = false, lit = null }: LabelCanvasProps) {
  const element = useRef<HTMLCanvasElement>(null);
  const colors = useCategoryColors();
  const ratio = window.devicePixelRatio;
  const { width: imageWidth, height: imageHeight } = image;
  useEffect(() => {
    const context = element.current?.getContext("2d");
    if (!context) return;
    const box = { width: width * ratio, height: height * ratio };
    context.clearRect(0, 0, box.width, box.height);
    const at = place({ width: imageWidth, height: imageHeight }, box);
    paintShapes(context, shapes, at, { colors, line: (width < 200 ? 1.25 : 1.75) * ratio, names, lit });
  }, [shapes, imageWidth, imageHeight, width, height, ratio, colors, names, lit]);
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
