import type { Kind } from "./shapes";

export type DrawingTool =
  | "box"
  | "rotated_box"
  | "polygon"
  | "polyline"
  | "keypoints"
  | "brush"
  | "eraser";
export type Tool = "select" | DrawingTool | "comment";

export const TOOL_NAMES: Record<Tool, string> = {
  select: "Select",
  box: "Box",
  rotated_box: "Rotated box",
  polygon: "Polygon",
  polyline: "Line",
  keypoints: "Keypoints",
  brush: "Brush",
  eraser: "Eraser",
  comment: "Comment",
};

const MADE_BY: Record<DrawingTool, Kind> = {
  box: "box",
  rotated_box: "rotated_box",
  polygon: "polygon",
  polyline: "polyline",
  keypoints: "keypoints",
  brush: "mask",
  eraser: "mask",
};

const SHAPES: readonly Kind[] = ["box", "rotated_box", "polygon", "polyline", "keypoints", "mask"];
const KINDS: Record<string, readonly Kind[]> = {
  detection: SHAPES,
  instance_segmentation: SHAPES,
  semantic_segmentation: ["polygon", "mask"],
};

/** The tools that draw what a task takes, the most usual first; none where images have classes. */
export function drawingTools(task: string): readonly DrawingTool[] {
  const kinds = KINDS[task] ?? [];
  return (Object.keys(MADE_BY) as DrawingTool[]).filter((tool) => kinds.includes(MADE_BY[tool]));
}

/** What a newcomer wants to draw first. */
export function firstTool(task: string): Tool {
  if (task === "detection") return "box";
  return drawingTools(task).length > 0 ? "polygon" : "select";
}

/** Whether a press and a release far apart make the shape, not one click after the other. */
export function isDragTool(tool: Tool): boolean {
  return ["box", "rotated_box", "brush", "eraser"].includes(tool);
}
