import { ActionIcon, Button, Kbd, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconSparkles, IconTrash } from "@tabler/icons-react";

import type { components } from "@/api/schema";
import { count, percent } from "@/ui/format";

import type { Shape } from "../canvas/shapes";
import type { Detail, Mode } from "./calls";
import { Comments } from "./Comments";
import { isWholeImage } from "./labels";
import { ReasonPanel } from "./ReasonPanel";
import type { Command } from "./shortcuts";
import classes from "./SidePanel.module.css";

type Category = components["schemas"]["CategoryOut"];

interface SidePanelProps {
  mode: Mode;
  task: string;
  detail: Detail;
  categories: readonly Category[];
  shapes: readonly Shape[];
  selected: Shape | null;
  /** The class of the next shape; null where classes belong to the whole image. */
  chosen: string | null;
  canUndo: boolean;
  canRedo: boolean;
  suggesting: boolean;
  onChoose: (name: string) => void;
  onSelect: (id: string | null) => void;
  onRemove: (id: string) => void;
  onCommand: (command: Command) => void;
}

/** Classes, shapes, why the image is here, and what was said about it. */
export function SidePanel(props: SidePanelProps) {
  const { mode, task, detail, shapes, onCommand } = props;
  return (
    <aside className={classes.panel} aria-label="Labels">
      <ReasonPanel task={detail.task} />
      <section>
        <div className={classes.head}>
          <h2>{isWholeImage(task) ? "Class of the image" : "Class"}</h2>
          {mode === "label" && <EditButtons {...props} />}
        </div>
        <Categories {...props} />
      </section>
      {!isWholeImage(task) && (
        <section className={classes.grow}>
          <div className={classes.head}>
            <h2>Shapes</h2>
            <span className="vl-dim">{count(shapes.length)}</span>
          </div>
          <ShapeList {...props} />
        </section>
      )}
      <Comments detail={detail} />
      {mode === "label" && !isWholeImage(task) && shapes.length === 0 && (
        <p className={classes.hint}>
          Drag over the image to draw a box, or press{" "}
          <button type="button" className={classes.link} onClick={() => { onCommand({ type: "new_box" }); }}>
            N
          </button>{" "}
          first to draw over another shape.
        </p>
      )}
    </aside>
  );
}

function EditButtons({ canUndo, canRedo, suggesting, onCommand }: SidePanelProps) {
  return (
    <div className={classes.edit}>
      <Tooltip label="Let the champion suggest (P)">
        <ActionIcon
          aria-label="Let the champion model suggest"
          loading={suggesting}
          onClick={() => { onCommand({ type: "suggest" }); }}
        >
          <IconSparkles size={16} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Undo (Z)">
        <ActionIcon aria-label="Undo" disabled={!canUndo} onClick={() => { onCommand({ type: "undo" }); }}>
          <IconArrowBackUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo (Y)">
        <ActionIcon aria-label="Redo" disabled={!canRedo} onClick={() => { onCommand({ type: "redo" }); }}>
          <IconArrowForwardUp size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

function Categories({ mode, categories, shapes, selected, chosen, onChoose }: SidePanelProps) {
  return (
    <ul className={classes.categories}>
      {categories.map((category) => {
        const members = shapes.filter((shape) => shape.category === category.name);
        const pressed =
          chosen === null ? members.length > 0 : (selected?.category ?? chosen) === category.name;
        const score = chosen === null ? (members[0]?.score ?? null) : null;
        return (
          <li key={category.name}>
            <Button
              fullWidth
              variant="default"
              justify="space-between"
              className={classes.category}
              disabled={mode === "review" && !pressed}
              aria-pressed={pressed}
              onClick={() => { if (mode === "label") onChoose(category.name); }}
              leftSection={<span className={classes.swatch} style={{ background: category.color }} />}
              rightSection={
                <span className={classes.right}>
                  {score !== null && percent(score, 0)}
                  {chosen !== null && members.length > 0 && count(members.length)}
                  {category.hotkey !== null && mode === "label" && <Kbd size="xs">{category.hotkey}</Kbd>}
                </span>
              }
            >
              {category.name}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}

const SHOWN = 200;

function ShapeList({ mode, categories, shapes, selected, onSelect, onRemove }: SidePanelProps) {
  const colors = new Map(categories.map((category) => [category.name, category.color]));
  return (
    <ul className={classes.shapes}>
      {shapes.slice(0, SHOWN).map((shape) => (
        <li key={shape.id} data-selected={shape.id === selected?.id || undefined}>
          <button type="button" className={classes.shape} onClick={() => { onSelect(shape.id); }}>
            <span className={classes.swatch} style={{ background: colors.get(shape.category) }} />
            {shape.category}
            <span className="vl-dim">{describe(shape)}</span>
          </button>
          {mode === "label" && (
            <ActionIcon size="sm" aria-label={`Remove ${shape.category}`} onClick={() => { onRemove(shape.id); }}>
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
