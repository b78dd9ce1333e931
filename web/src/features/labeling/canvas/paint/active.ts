import type { Point, Size } from "../geometry/points";
import { ringOf } from "../geometry/rings";
import { type Gesture, rectangleOf } from "../gestures";
import { type Grip, gripsOf, type PlacedGrip } from "../grips";
import { maskOf, type Shape } from "../shapes";
import { colorOf, faded, type Look } from "./look";
import { trace, traceBones, traceDot, traceRing } from "./outline";
import { paintMask } from "./sprites";

/** What is in hand and painted above the still shapes. */
export interface Active {
  gesture: Gesture;
  selected: Shape | null;
  grip: Grip | null;
  /** The selected shape can be changed. */
  editable: boolean;
  /** The class of the next shape. */
  category: string;
  image: Size;
  crosshair: Point | null;
  /** Where the brush would paint, and how wide. */
  brush: { at: Point; radius: number } | null;
}

export function paintActive(context: CanvasRenderingContext2D, active: Active, look: Look): void {
  const { gesture, selected, crosshair, brush } = active;
  if (crosshair !== null) paintCrosshair(context, crosshair, active.image, look.scale);
  const held = gesture.type === "moving" || gesture.type === "reshaping" ? gesture.now : selected;
  if (held !== null) paintSelected(context, held, active, look);
  paintGesture(context, active, look);
  if (brush !== null) paintBrush(context, brush, look.scale);
}

/** The shape in hand: bright outline and its grips. */
function paintSelected(context: CanvasRenderingContext2D, shape: Shape, active: Active, look: Look): void {
  const color = colorOf(shape.category, look.colors);
  const mask = maskOf(shape);
  if (mask !== null) {
    paintMask(context, mask, color, look.scale);
    if (shape.bbox !== null) outline(context, () => { frame(context, shape); }, color, look, true);
    return;
  }
  paintBones(context, shape.keypoints ?? [], shape.category, look);
  outline(context, () => { trace(context, shape, look.scale); }, color, look, false, shape.kind !== "polyline");
  if (active.editable) gripsOf(shape, look.scale).forEach((grip) => { paintGrip(context, grip, active.grip, color, look.scale); });
}

function frame(context: CanvasRenderingContext2D, { bbox }: Shape): void {
  if (bbox !== null) context.rect(bbox[0], bbox[1], bbox[2] - bbox[0], bbox[3] - bbox[1]);
}

function outline(
  context: CanvasRenderingContext2D,
  path: () => void,
  color: string,
  { scale, opacity }: Look,
  dashed = false,
  filled = false,
): void {
  context.beginPath();
  path();
  context.lineJoin = "round";
  if (filled) {
    context.fillStyle = faded(color, Math.min(opacity + 0.08, 1));
    context.fill("evenodd");
  }
  context.setLineDash(dashed ? [4 / scale, 4 / scale] : []);
  context.lineWidth = (dashed ? 2.5 : 4.5) / scale;
  context.strokeStyle = "#ffffffd9";
  context.stroke();
  context.lineWidth = (dashed ? 1 : 2.5) / scale;
  context.strokeStyle = color;
  context.stroke();
  context.setLineDash([]);
}

function paintGrip(context: CanvasRenderingContext2D, placed: PlacedGrip, held: Grip | null, color: string, scale: number): void {
  const { grip, at } = placed;
  const taken = held !== null && JSON.stringify(held) === JSON.stringify(grip);
  const round = grip.type !== "handle" && grip.type !== "corner";
  const half = (grip.type === "edge" ? 3 : taken ? 6 : 4) / scale;
  context.beginPath();
  if (round) traceDot(context, at.x, at.y, half);
  else context.rect(at.x - half, at.y - half, 2 * half, 2 * half);
  context.fillStyle = taken ? color : grip.type === "edge" ? "#ffffff99" : "#ffffff";
  context.fill();
  context.lineWidth = 1.5 / scale;
  context.strokeStyle = taken ? "#ffffff" : color;
  context.stroke();
}

function paintGesture(context: CanvasRenderingContext2D, active: Active, look: Look): void {
  const { gesture } = active;
  const color = colorOf(active.category, look.colors);
  if (gesture.type === "rectangle") {
    const [x1, y1, x2, y2] = rectangleOf(gesture, active.image);
    outline(context, () => { context.rect(x1, y1, x2 - x1, y2 - y1); }, color, look, false, true);
  } else if (gesture.type === "path") {
    const line = ringOf([...gesture.points, gesture.to]);
    outline(context, () => { traceRing(context, line, false); }, color, look, false, gesture.points.length > 1);
    gesture.points.forEach((at, index) => {
      paintGrip(context, { grip: { type: "vertex", ring: 0, index }, at }, index === 0 ? { type: "vertex", ring: 0, index } : null, color, look.scale);
    });
  } else if (gesture.type === "pose") {
    paintBones(context, gesture.points, active.category, look);
    outline(context, () => { gesture.points.forEach(([x, y, seen]) => { if (seen > 0) traceDot(context, x, y, 4 / look.scale); }); }, color, look);
  } else if (gesture.type === "stroke") {
    paintStroke(context, gesture.points, active.brush?.radius ?? 1, gesture.erase ? "#ffffffb0" : faded(color, 0.6));
  }
}

function paintBones(context: CanvasRenderingContext2D, points: Parameters<typeof traceBones>[1], category: string, look: Look): void {
  context.beginPath();
  traceBones(context, points, look.bones.get(category) ?? []);
  context.lineWidth = 2 / look.scale;
  context.strokeStyle = faded(colorOf(category, look.colors), 0.8);
  context.stroke();
}

function paintStroke(context: CanvasRenderingContext2D, points: readonly Point[], radius: number, color: string): void {
  context.beginPath();
  points.forEach(({ x, y }, i) => {
    if (i === 0) context.moveTo(x, y);
    context.lineTo(x, y);
  });
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = 2 * radius;
  context.strokeStyle = color;
  context.stroke();
  context.lineCap = "butt";
}

function paintBrush(context: CanvasRenderingContext2D, brush: { at: Point; radius: number }, scale: number): void {
  for (const [width, color] of [[2.5, "#000000a0"], [1.2, "#ffffff"]] as const) {
    context.beginPath();
    traceDot(context, brush.at.x, brush.at.y, brush.radius);
    context.lineWidth = width / scale;
    context.strokeStyle = color;
    context.stroke();
  }
}

/** Two hair lines through the cursor while something is about to be drawn. */
function paintCrosshair(context: CanvasRenderingContext2D, at: Point, image: Size, scale: number): void {
  context.lineWidth = 1 / scale;
  for (const [color, dash] of [["#000000a6", []], ["#ffffffcc", [4 / scale, 4 / scale]]] as const) {
    context.strokeStyle = color;
    context.setLineDash([...dash]);
    context.beginPath();
    context.moveTo(0, at.y);
    context.lineTo(image.width, at.y);
    context.moveTo(at.x, 0);
    context.lineTo(at.x, image.height);
    context.stroke();
  }
  context.setLineDash([]);
}
