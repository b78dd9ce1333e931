import { ActionIcon, Slider, Tooltip } from "@mantine/core";
import {
  IconStretching,
  IconBrush,
  IconEraser,
  IconLine,
  IconMessagePlus,
  IconPointer,
  IconPolygon,
  IconRectangle,
  IconRotateRectangle,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

import { type Tool, TOOL_NAMES } from "../canvas/tools";
import { shownChord } from "../keys/chords";
import { keysOf, type Overrides } from "../keys/keymap";
import { useStored } from "../store";
import { keepHabits } from "./memory";
import classes from "./ToolPalette.module.css";
import type { Drawing } from "./useDrawing";

const ICONS: Record<Tool, ComponentType<{ size: number; stroke: number }>> = {
  select: IconPointer,
  box: IconRectangle,
  rotated_box: IconRotateRectangle,
  polygon: IconPolygon,
  polyline: IconLine,
  keypoints: IconStretching,
  brush: IconBrush,
  eraser: IconEraser,
  comment: IconMessagePlus,
};

interface ToolPaletteProps {
  project: string;
  tools: readonly Tool[];
  drawing: Drawing;
  overrides: Overrides;
}

/** What can be drawn, one button and one key each; the brush shows its size. */
export function ToolPalette({ project, tools, drawing, overrides }: ToolPaletteProps) {
  const { tool, interaction } = drawing;
  const radius = useStored(interaction, (now) => now.radius);
  const brushes = tool === "brush" || tool === "eraser";
  return (
    <div className={classes.palette} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {tools.map((item) => (
        <ToolButton
          key={item}
          tool={item}
          chord={keysOf(`tool_${item}`, overrides)[0]}
          pressed={tool === item}
          onTake={() => { drawing.take(item); }}
        />
      ))}
      {brushes && (
        <div className={classes.size}>
          <span className={classes.dot} style={{ width: dotSize(radius), height: dotSize(radius) }} aria-hidden />
          <Slider
            orientation="vertical"
            h={90}
            size="sm"
            aria-label="Brush size"
            label={(value) => `${String(Math.round(2 * 1.25 ** value))} px`}
            min={-3}
            max={24}
            value={Math.round(Math.log(radius) / Math.log(1.25))}
            onChange={(value) => {
              interaction.set((now) => ({ ...now, radius: 1.25 ** value }));
              keepHabits(project, { radius: 1.25 ** value });
            }}
          />
        </div>
      )}
    </div>
  );
}

function dotSize(radius: number): number {
  return Math.min(Math.max(radius, 3), 22);
}

interface ToolButtonProps {
  tool: Tool;
  chord: string | undefined;
  pressed: boolean;
  onTake: () => void;
}

function ToolButton({ tool, chord, pressed, onTake }: ToolButtonProps) {
  const Icon = ICONS[tool];
  const name = TOOL_NAMES[tool];
  return (
    <Tooltip label={chord === undefined ? name : `${name} (${shownChord(chord)})`} position="right">
      <ActionIcon
        size={36}
        radius={7}
        variant={pressed ? "filled" : "subtle"}
        aria-label={name}
        aria-pressed={pressed}
        // The keys stay with the image.
        onMouseDown={(event) => { event.preventDefault(); }}
        onClick={onTake}
      >
        <Icon size={19} stroke={1.7} />
        {chord !== undefined && <span className={classes.key} aria-hidden>{shownChord(chord)}</span>}
      </ActionIcon>
    </Tooltip>
  );
}
