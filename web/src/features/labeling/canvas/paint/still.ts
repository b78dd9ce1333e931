import { maskOf, ringsOf, type Shape } from "../shapes";
import { colorOf, faded, inkOn, type Look } from "./look";
import { trace, traceBones } from "./outline";
import { paintMask } from "./sprites";

/** Paints shapes in their order; neighbours of one class share a path, so that thousands cost few strokes. */
export function paintShapes(context: CanvasRenderingContext2D, shapes: readonly Shape[], look: Look): void {
  let run: Shape[] = [];
  for (const shape of shapes) {
    const [first] = run;
    if (first !== undefined && !alike(first, shape)) {
      paintRun(context, run, look);
      run = [];
    }
    run.push(shape);
  }
  paintRun(context, run, look);
  if (look.tags) shapes.forEach((shape) => { paintTag(context, shape, look); });
}

function alike(a: Shape, b: Shape): boolean {
  const alone = [a, b].some((shape) => maskOf(shape) !== null || ringsOf(shape).length > 1);
  return !alone && a.category === b.category && a.source === b.source && isFilled(a) === isFilled(b);
}

function isFilled({ kind }: Shape): boolean {
  return kind !== "polyline" && kind !== "keypoints";
}

function paintRun(context: CanvasRenderingContext2D, run: readonly Shape[], look: Look): void {
  const [first] = run;
  if (first === undefined) return;
  const color = colorOf(first.category, look.colors);
  const mask = maskOf(first);
  if (mask !== null) {
    context.globalAlpha = Math.min(look.opacity * 4, 1);
    paintMask(context, mask, color, look.scale);
    context.globalAlpha = 1;
    return;
  }
  context.beginPath();
  run.forEach((shape) => {
    traceBones(context, shape.keypoints ?? [], look.bones.get(shape.category) ?? []);
    trace(context, shape, look.scale);
  });
  context.lineWidth = 2 / look.scale;
  context.lineJoin = "round";
  context.strokeStyle = color;
  context.setLineDash(first.source === "model" ? [6 / look.scale, 4 / look.scale] : []);
  context.fillStyle = faded(color, isFilled(first) ? look.opacity : 0);
  // Rings of one shape may be holes of each other; shapes that share a path may not.
  context.fill(run.length === 1 ? "evenodd" : "nonzero");
  context.stroke();
  context.setLineDash([]);
}

/** The class at the upper left of a shape, where there is room. */
function paintTag(context: CanvasRenderingContext2D, shape: Shape, { colors, scale }: Look): void {
  if (shape.bbox === null) return;
  const [x1, y1, x2] = shape.bbox;
  if ((x2 - x1) * scale < 26) return;
  const text = shape.score === null ? shape.category : `${shape.category} ${shape.score.toFixed(2)}`;
  const color = colorOf(shape.category, colors);
  const height = 16 / scale;
  context.font = `600 ${String(11 / scale)}px Inter, "Segoe UI", Roboto, Arial, sans-serif`;
  const width = context.measureText(text).width + 8 / scale;
  const top = y1 - height < 0 ? y1 : y1 - height;
  context.fillStyle = color;
  context.fillRect(x1 - 1 / scale, top, width, height);
  context.fillStyle = inkOn(color);
  context.textBaseline = "middle";
  context.fillText(text, x1 + 3 / scale, top + height / 2);
}
