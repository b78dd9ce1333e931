import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";

import { count, percent } from "@/ui/format";

import type { Shape } from "../canvas/shapes";
import type { Mode } from "./calls";
import type { Category } from "./CategoryButtons";
import classes from "./ShapeList.module.css";
import type { Drawing } from "./useDrawing";

/** More rows than this would only slow the page down; the canvas shows all. */
const SHOWN = 200;

interface ShapeListProps {
  mode: Mode;
  categories: readonly Category[];
  drawing: Drawing;
}

/** The shapes of the image by name and size; a click selects, the bin removes. */
export function ShapeList({ mode, categories, drawing }: ShapeListProps) {
  const { shapes, selected } = drawing;
  const colors = new Map(categories.map((category) => [category.name, category.color]));
  return (
    <ul className={classes.list}>
      {shapes.slice(0, SHOWN).map((shape) => (
        <li key={shape.id} data-selected={shape.id === selected?.id || undefined}>
          <button type="button" className={classes.shape} onClick={() => { drawing.select(shape.id); }}>
            <span className={classes.swatch} style={{ background: colors.get(shape.category) }} />
            {shape.category}
            <span className={classes.size}>{describe(shape)}</span>
          </button>
          {mode === "label" && (
            <ActionIcon
              size="sm"
              aria-label={`Remove ${shape.category}`}
              onClick={() => { drawing.edit({ type: "remove", id: shape.id }); }}
            >
              <IconTrash size={14} stroke={1.7} />
            </ActionIcon>
          )}
        </li>
      ))}
      {shapes.length > SHOWN && <li className="vl-dim">and {count(shapes.length - SHOWN)} more</li>}
    </ul>
  );
}

function describe(shape: Shape): string {
  const score = shape.score === null ? "" : ` ${percent(shape.score, 0)}`;
  if (shape.bbox === null) return shape.kind + score;
  const [x1, y1, x2, y2] = shape.bbox;
  return `${String(Math.round(x2 - x1))} × ${String(Math.round(y2 - y1))}${score}`;
}
