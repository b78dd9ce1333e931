import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconSparkles } from "@tabler/icons-react";

import { count, sentence } from "@/ui/format";

import type { Shape } from "../canvas/shapes";
import type { ActionId } from "../keys/actions";
import type { Comment, Detail, Mode } from "./calls";
import { CategoryButtons, type Category } from "./CategoryButtons";
import { AttributeFields } from "./AttributeFields";
import { Comments } from "./Comments";
import { isWholeImage } from "./labels";
import { Proposals } from "./Proposals";
import { ReasonPanel } from "./ReasonPanel";
import { imageAttributes, type LabelSchema, shapeAttributes } from "./schema";
import { ShapeList } from "./ShapeList";
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
  /** The model behind the present proposals. */
  model: string | null;
  schema: LabelSchema | null;
  comments: readonly Comment[];
  instructions: React.ReactNode;
  onResolve: (id: string) => void;
  onChoose: (name: string) => void;
  onPick: (shape: Shape) => void;
  onCommand: (command: { type: ActionId }) => void;
}

/** Classes, shapes, why the image is here, and what was said about it. */
export function SidePanel(props: SidePanelProps) {
  const { mode, task, detail, categories, chosen, drawing } = props;
  const wholeImage = isWholeImage(task);
  const { shapes, selected } = drawing;
  return (
    <aside className={classes.panel} aria-label="Labels">
      {props.instructions}
      <ReasonPanel task={detail.task} />
      {mode === "label" && <Proposals drawing={drawing} model={props.model} />}
      <section className={wholeImage ? undefined : classes.classes}>
        <div className={classes.head}>
          <h2>{wholeImage ? "Class of the image" : "Class"}</h2>
          {mode === "label" && <EditButtons {...props} />}
        </div>
        <CategoryButtons
          mode={mode}
          categories={categories}
          shapes={shapes}
          schema={props.schema}
          active={wholeImage || mode === "review" ? (selected?.category ?? null) : (selected?.category ?? chosen)}
          wholeImage={wholeImage}
          onChoose={props.onChoose}
        />
      </section>
      <Attributes {...props} />
      {!wholeImage && (
        <section className={classes.grow}>
          <div className={classes.head}>
            <h2>Shapes</h2>
            <span className="vl-dim">{count(shapes.length)}</span>
          </div>
          <div className={classes.scroll}>
            <ShapeList mode={mode} categories={categories} drawing={drawing} onPick={props.onPick} />
          </div>
          {mode === "label" && shapes.length === 0 && (
            <p className={classes.hint}>Nothing is drawn yet. If there is nothing to draw, submit the image as it is.</p>
          )}
        </section>
      )}
      <Comments comments={props.comments} onResolve={props.onResolve} />
    </aside>
  );
}

/** Facts about the shape in hand, or the one class, and about the image. */
function Attributes({ mode, task, schema, drawing }: SidePanelProps) {
  const shape = drawing.selected ?? (isWholeImage(task) ? (drawing.shapes[0] ?? null) : null);
  const readOnly = mode === "review";
  return (
    <>
      {shape !== null && (
        <AttributeFields
          title={sentence(shape.category)}
          attributes={shapeAttributes(schema, shape.category)}
          values={shape.attributes}
          readOnly={readOnly || drawing.marks.locked.has(shape.id)}
          onChange={(attributes) => { drawing.edit({ type: "replace", shape: { ...shape, attributes } }); }}
        />
      )}
      <AttributeFields
        title="The image"
        attributes={imageAttributes(schema)}
        values={drawing.attributes}
        readOnly={readOnly}
        onChange={(attributes) => { drawing.edit({ type: "describe_image", attributes }); }}
      />
    </>
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
