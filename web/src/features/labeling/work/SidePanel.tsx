import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconSparkles } from "@tabler/icons-react";

import { count } from "@/ui/format";

import type { Detail, Mode } from "./calls";
import { CategoryButtons, type Category } from "./CategoryButtons";
import { Comments } from "./Comments";
import { isWholeImage } from "./labels";
import { ReasonPanel } from "./ReasonPanel";
import { ShapeList } from "./ShapeList";
import type { Command } from "./shortcuts";
import classes from "./SidePanel.module.css";
import type { Drawing } from "./useDrawing";

interface SidePanelProps {
  mode: Mode;
  task: string;
  detail: Detail;
  categories: readonly Category[];
  /** The class of the next shape. */
  chosen: string;
  drawing: Drawing;
  suggesting: boolean;
  onChoose: (name: string) => void;
  onCommand: (command: Command) => void;
}

/** Classes, shapes, why the image is here, and what was said about it. */
export function SidePanel(props: SidePanelProps) {
  const { mode, task, detail, categories, chosen, drawing, onCommand } = props;
  const wholeImage = isWholeImage(task);
  const { shapes, selected } = drawing;
  return (
    <aside className={classes.panel} aria-label="Labels">
      <ReasonPanel task={detail.task} />
      <section>
        <div className={classes.head}>
          <h2>{wholeImage ? "Class of the image" : "Class"}</h2>
          {mode === "label" && <EditButtons {...props} />}
        </div>
        <CategoryButtons
          mode={mode}
          categories={categories}
          shapes={shapes}
          active={wholeImage || mode === "review" ? (selected?.category ?? null) : (selected?.category ?? chosen)}
          wholeImage={wholeImage}
          onChoose={props.onChoose}
        />
      </section>
      {!wholeImage && (
        <section className={classes.grow}>
          <div className={classes.head}>
            <h2>Shapes</h2>
            <span className="vl-dim">{count(shapes.length)}</span>
          </div>
          <ShapeList mode={mode} categories={categories} drawing={drawing} />
          {mode === "label" && shapes.length === 0 && <DrawHint onCommand={onCommand} />}
        </section>
      )}
      <Comments detail={detail} />
    </aside>
  );
}

function DrawHint({ onCommand }: { onCommand: (command: Command) => void }) {
  return (
    <p className={classes.hint}>
      Drag over the image to draw a box, or press{" "}
      <button type="button" className={classes.link} onClick={() => { onCommand({ type: "new_box" }); }}>
        N
      </button>{" "}
      first to draw over another shape.
    </p>
  );
}

function EditButtons({ drawing, suggesting, onCommand }: SidePanelProps) {
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
        <ActionIcon
          aria-label="Undo"
          disabled={!drawing.canUndo}
          onClick={() => { onCommand({ type: "undo" }); }}
        >
          <IconArrowBackUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo (Y)">
        <ActionIcon
          aria-label="Redo"
          disabled={!drawing.canRedo}
          onClick={() => { onCommand({ type: "redo" }); }}
        >
          <IconArrowForwardUp size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
