import type { Mode } from "../work/calls";
import type { Tool } from "../canvas/tools";

export type ActionId =
  | `tool_${Tool}`
  | "repeat" | "press" | "enter" | "cancel" | "left" | "right" | "up" | "down"
  | "undo" | "redo" | "delete" | "copy" | "paste" | "duplicate"
  | "next_shape" | "previous_shape" | "next_vertex" | "previous_vertex" | "add_vertex"
  | "turn_right" | "turn_left" | "hide_point" | "skip_point" | "smaller_brush" | "larger_brush"
  | "lock" | "hide" | "hide_all" | "forward" | "backward" | "front" | "back" | "attributes"
  | "suggest" | "skip" | "accept" | "reject" | "fix" | "next_image" | "previous_image"
  | "fit" | "actual_size" | "zoom_in" | "zoom_out" | "brighter" | "darker"
  | "more_contrast" | "less_contrast" | "more_fill" | "less_fill" | "tags" | "instructions" | "help"; // prettier-ignore

export interface Action {
  id: ActionId;
  group: "Draw" | "Edit" | "Arrange" | "Finish" | "View";
  what: string;
  /** Keys as delivered; a person may choose others. */
  keys: readonly string[];
  modes: readonly Mode[];
}

const LABEL: readonly Mode[] = ["label"];
const REVIEW: readonly Mode[] = ["review"];
const BOTH: readonly Mode[] = ["label", "review"];

function action(group: Action["group"], id: ActionId, keys: string, what: string, modes = LABEL): Action {
  return { id, group, what, keys: keys.split(" "), modes };
}

/** Everything that can be done in the workspace, with its keys: the one list behind keys and help. */
export const ACTIONS: readonly Action[] = [
  action("Draw", "tool_select", "V", "Select and move", BOTH),
  action("Draw", "tool_box", "B", "Box"),
  action("Draw", "tool_rotated_box", "O", "Rotated box"),
  action("Draw", "tool_polygon", "G", "Polygon"),
  action("Draw", "tool_polyline", "L", "Line"),
  action("Draw", "tool_keypoints", "K", "Keypoints"),
  action("Draw", "tool_brush", "D", "Brush"),
  action("Draw", "tool_eraser", "E", "Eraser"),
  action("Draw", "tool_comment", "C", "Pin a comment to a place", BOTH),
  action("Draw", "repeat", "N", "Draw again with the last tool and class"),
  action("Draw", "press", "Space", "Press or release at the cross-hair that the arrows move"),
  action("Draw", "smaller_brush", "[", "Smaller brush"),
  action("Draw", "larger_brush", "]", "Larger brush"),
  action("Draw", "skip_point", "X", "Leave out the next keypoint"),
  action("Draw", "hide_point", "Shift+V", "Keypoint hidden or visible"),
  action("Edit", "left", "ArrowLeft", "Move by 1 pixel; with Shift by 10, with Alt resize"),
  action("Edit", "right", "ArrowRight", "The same to the right"),
  action("Edit", "up", "ArrowUp", "The same upwards"),
  action("Edit", "down", "ArrowDown", "The same downwards"),
  action("Edit", "next_vertex", "W", "Take the next corner"),
  action("Edit", "previous_vertex", "Shift+W", "Take the previous corner"),
  action("Edit", "add_vertex", "A", "Add a corner behind the one in hand"),
  action("Edit", "turn_right", "R", "Turn a rotated box by 1 degree"),
  action("Edit", "turn_left", "Shift+R", "Turn it back"),
  action("Edit", "delete", "Delete Backspace", "Remove the corner in hand, or the shape"),
  action("Edit", "undo", "Z Ctrl+Z", "Undo; while drawing, drop the last corner"),
  action("Edit", "redo", "Y Ctrl+Shift+Z Ctrl+Y", "Redo"),
  action("Edit", "copy", "Ctrl+C", "Copy the shape"),
  action("Edit", "paste", "Ctrl+V", "Paste it, also onto another image"),
  action("Edit", "duplicate", "Ctrl+D", "Duplicate the shape"),
  action("Edit", "attributes", "Shift+A", "Go to the attributes"),
  action("Arrange", "next_shape", "Tab", "Select the next shape", BOTH),
  action("Arrange", "previous_shape", "Shift+Tab", "Select the previous shape", BOTH),
  action("Arrange", "lock", "Q", "Lock or unlock the shape"),
  action("Arrange", "hide", "H", "Hide or show the shape", BOTH),
  action("Arrange", "hide_all", "Shift+H", "Hide or show all shapes", BOTH),
  action("Arrange", "forward", "PageUp", "One step to the front"),
  action("Arrange", "backward", "PageDown", "One step to the back"),
  action("Arrange", "front", "Shift+PageUp", "To the front"),
  action("Arrange", "back", "Shift+PageDown", "To the back"),
  action("Finish", "enter", "Enter", "Finish the shape, accept the proposal, else submit the image"),
  action("Finish", "cancel", "Escape", "Cancel, reject the proposal, let go of the shape, then of the tool", BOTH),
  action("Finish", "suggest", "P", "Let the model propose"),
  action("Finish", "skip", "S", "Skip the image, saying why"),
  action("Finish", "accept", "R", "Accept the labels", REVIEW),
  action("Finish", "fix", "M", "Mend the labels, then accept them", REVIEW),
  action("Finish", "reject", "X", "Reject the labels, saying why", REVIEW),
  action("Finish", "next_image", ".", "Next image that matches the filter", BOTH),
  action("Finish", "previous_image", ",", "Previous image that matches the filter", BOTH),
  action("View", "fit", "F", "Show the whole image", BOTH),
  action("View", "actual_size", "Shift+F", "One image pixel is one screen pixel", BOTH),
  action("View", "zoom_in", "+ =", "Zoom in (or the wheel)", BOTH),
  action("View", "zoom_out", "-", "Zoom out", BOTH),
  action("View", "brighter", "J", "Brighter", BOTH),
  action("View", "darker", "Shift+J", "Darker", BOTH),
  action("View", "more_contrast", "T", "More contrast", BOTH),
  action("View", "less_contrast", "Shift+T", "Less contrast", BOTH),
  action("View", "more_fill", "U", "Fill shapes more", BOTH),
  action("View", "less_fill", "Shift+U", "Fill shapes less", BOTH),
  action("View", "tags", "Shift+L", "Class names on or off", BOTH),
  action("View", "instructions", "Shift+I", "Instructions on or off", BOTH),
  action("View", "help", "?", "This list", BOTH),
];
