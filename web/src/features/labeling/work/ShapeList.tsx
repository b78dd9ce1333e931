import { IconEye, IconEyeOff, IconLock, IconLockOpen, IconTrash } from "@tabler/icons-react";
import { memo, useEffect, useRef, useState } from "react";

import { count, percent } from "@/ui/format";

import type { Shape } from "../canvas/shapes";
import type { Mode } from "./calls";
import type { Category } from "./CategoryButtons";
import { degreesOf } from "./commandsEdit";
import { toggled } from "./session";
import classes from "./ShapeList.module.css";
import type { Drawing } from "./useDrawing";

/** More rows than this would only slow the page down; the canvas shows all. */
const SHOWN = 80;

interface ShapeListProps {
  mode: Mode;
  categories: readonly Category[];
  drawing: Drawing;
  onPick: (shape: Shape) => void;
}

/** The shapes from back to front; a click selects, and each can be hidden, locked or removed. */
export function ShapeList({ mode, categories, drawing, onPick }: ShapeListProps) {
  const { shapes, selected, marks } = drawing;
  const colors = new Map(categories.map((category) => [category.name, category.color]));
  const first = firstRow(shapes, selected);
  const rows = shapes.slice(first, first + SHOWN);
  return (
    <ul className={classes.list}>
      {first > 0 && <li className="vl-dim">{count(first)} before these</li>}
      {rows.map((shape) => (
        <Row
          key={shape.id}
          shape={shape}
          color={colors.get(shape.category)}
          selected={shape.id === selected?.id}
          hidden={marks.hidden.has(shape.id)}
          locked={marks.locked.has(shape.id)}
          editable={mode === "label"}
          drawing={drawing}
          onPick={onPick}
        />
      ))}
      {first + SHOWN < shapes.length && (
        <li className="vl-dim">and {count(shapes.length - first - SHOWN)} more</li>
      )}
    </ul>
  );
}

function firstRow(shapes: readonly Shape[], selected: Shape | null): number {
  if (shapes.length <= SHOWN || selected === null) return 0;
  const at = shapes.indexOf(selected);
  return Math.min(Math.max(at - SHOWN / 2, 0), shapes.length - SHOWN);
}

interface RowProps {
  shape: Shape;
  color: string | undefined;
  selected: boolean;
  hidden: boolean;
  locked: boolean;
  editable: boolean;
  drawing: Drawing;
  onPick: (shape: Shape) => void;
}

const Row = memo(ShapeRow, (before, after) =>
  (["shape", "color", "selected", "hidden", "locked", "editable"] as const).every((name) => before[name] === after[name]),
);

function ShapeRow(props: RowProps) {
  const { shape, color, selected, hidden, locked, onPick } = props;
  const row = useRef<HTMLLIElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <li
      ref={row}
      data-selected={selected || undefined}
      data-hidden={hidden || undefined}
      onPointerEnter={() => { setNear(true); }}
      onPointerLeave={() => { setNear(false); }}
    >
      <button type="button" className={classes.shape} onClick={() => { onPick(shape); }}>
        <span className={classes.swatch} style={{ background: color }} />
        <span className={classes.name}>{shape.category}</span>
        <span className={classes.size}>{describe(shape)}</span>
      </button>
      {(near || selected || hidden || locked) && <RowButtons {...props} />}
    </li>
  );
}

/** Only for rows that are looked at: hundreds of idle buttons would slow the page down. */
function RowButtons({ shape, hidden, locked, editable, drawing }: RowProps) {
  const toggle = (mark: "hidden" | "locked") => {
    drawing.mark((marks) => ({ ...marks, [mark]: toggled(marks[mark], shape.id) }));
  };
  const remove = () => { if (!locked) drawing.edit({ type: "remove", id: shape.id }); };
  return (
    <>
      {shape.bbox !== null && (
        <RowButton label={`${hidden ? "Show" : "Hide"} ${shape.category}`} onClick={() => { toggle("hidden"); }}>
          {hidden ? <IconEyeOff size={14} stroke={1.7} /> : <IconEye size={14} stroke={1.7} />}
        </RowButton>
      )}
      {editable && (
        <RowButton label={`${locked ? "Unlock" : "Lock"} ${shape.category}`} onClick={() => { toggle("locked"); }}>
          {locked ? <IconLock size={14} stroke={1.7} /> : <IconLockOpen size={14} stroke={1.7} />}
        </RowButton>
      )}
      {editable && (
        <RowButton label={`Remove ${shape.category}`} onClick={remove}>
          <IconTrash size={14} stroke={1.7} />
        </RowButton>
      )}
    </>
  );
}

function RowButton({ label, onClick, children }: { label: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <button type="button" className={classes.action} title={label} aria-label={label} onClick={onClick}>
      {children}
    </button>
  );
}

const KINDS: Partial<Record<Shape["kind"], string>> = {
  polygon: "outline",
  polyline: "line",
  mask: "mask",
  keypoints: "points",
};

function describe(shape: Shape): string {
  const score = shape.score === null ? "" : ` ${percent(shape.score, 0)}`;
  if (shape.bbox === null) return shape.kind + score;
  const degrees = degreesOf(shape);
  if (degrees !== null) return `${String(degrees)}°${score}`;
  const kind = KINDS[shape.kind];
  const [x1, y1, x2, y2] = shape.bbox;
  return `${kind ?? `${String(Math.round(x2 - x1))} × ${String(Math.round(y2 - y1))}`}${score}`;
}
