import type { Interaction } from "../canvas/interaction";
import { useStored } from "../store";
import classes from "./ToolHint.module.css";
import type { Drawing } from "./useDrawing";

/** One line over the image: what the next press of the hand or of a key does. */
export function ToolHint({ drawing, pointNames }: { drawing: Drawing; pointNames: readonly string[] }) {
  const hint = useStored(drawing.interaction, (state) => hintOf(state, pointNames));
  if (hint === null) return null;
  return (
    <div className={classes.hint} role="note">
      {hint}
    </div>
  );
}

/** The hint of a state; null where nothing needs saying. */
export function hintOf(state: Interaction, pointNames: readonly string[]): string | null {
  const { gesture, tool, grip } = state;
  if (gesture.type === "path") return pathHint(gesture.points.length, tool === "polygon");
  if (gesture.type === "pose") return poseHint(gesture.points.length, pointNames);
  if (grip?.type === "vertex") return "Arrows move this corner, Delete removes it, A adds one behind it";
  if (grip?.type === "keypoint") return `Arrows move ${pointNames[grip.index] ?? "this point"}, Shift V hides it, Delete leaves it out`;
  if (gesture.type !== "none" || state.selected !== null) return null;
  switch (tool) {
    case "box":
    case "rotated_box":
      return "Drag over the image, or press Space at two corners";
    case "polygon":
      return "Click the corners one after the other";
    case "polyline":
      return "Click along the line";
    case "keypoints":
      return poseHint(0, pointNames);
    case "brush":
      return "Paint over the object";
    case "eraser":
      return "Wipe over a mask";
    default:
      return null;
  }
}

function pathHint(corners: number, closes: boolean): string {
  const least = closes ? 3 : 2;
  if (corners < least) return `Click the next corner; ${String(least - corners)} more at least`;
  const end = closes ? "Click the first corner or press Enter to close" : "Double click or press Enter to end";
  return `${end}; Z takes the last corner back`;
}

function poseHint(placed: number, names: readonly string[]): string {
  const name = names[placed];
  if (name !== undefined) return `Click ${name} (${String(placed + 1)} of ${String(names.length)}); X leaves it out, Shift marks it hidden`;
  return placed === 0 ? "Click the points one after the other" : "Click the next point, or press Enter to end";
}
