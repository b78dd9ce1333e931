import { useCallback, useMemo, useState } from "react";

import type { ApiError } from "@/api/problem";
import { useCategoryColors } from "@/app/categories";
import { useProjectInfo } from "@/app/project";

import type { Board } from "../canvas/board";
import { Canvas } from "../canvas/Canvas";
import { photoOf } from "../canvas/photo";
import { drawingTools, firstTool, type Tool } from "../canvas/tools";
import { KeysDialog } from "../keys/KeysDialog";
import type { Command } from "../keys/keymap";
import { useKeymap } from "../keys/useKeymap";
import { useKeys } from "../keys/useKeys";
import type { Detail, Mode } from "./calls";
import { type Desk, type Dialog, runCommand } from "./commands";
import { ConflictDialog } from "./ConflictDialog";
import { useLoadedImage } from "./images";
import { isWholeImage } from "./labels";
import { filterOf, type Light } from "./light";
import { LookOnly } from "./LookOnly";
import { NoImage } from "./NoImage";
import { ReasonDialog } from "./ReasonDialog";
import { begun, pointNames, useBones, useLabelSchema } from "./schema";
import { shownShapes } from "./session";
import { SidePanel } from "./SidePanel";
import { Toolbar } from "./Toolbar";
import { ToolHint } from "./ToolHint";
import { ToolPalette } from "./ToolPalette";
import { useClasses } from "./useClasses";
import { useDeeds } from "./useDeeds";
import { useDrawing } from "./useDrawing";
import type { Filter } from "./useTour";
import { ViewBar } from "./ViewBar";
import classes from "./Workspace.module.css";

interface WorkspaceProps {
  project: string;
  mode: Mode;
  detail: Detail;
  remaining: number;
  /** Why the image can only be looked at. */
  refusal: ApiError | null;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  /** Light stays the same from one image to the next. */
  light: Light;
  onLight: (light: Light) => void;
  onDone: () => void;
  onGo: (by: 1 | -1) => void;
}

/** One image to label or to review: canvas, tools, classes, shapes, and what the keys do. */
export function Workspace(props: WorkspaceProps) {
  const { project, mode, detail, refusal, light, onLight, onDone, onGo } = props;
  const task = useProjectInfo()?.task ?? "classification";
  const colors = useCategoryColors();
  const keymap = useKeymap();
  const wholeImage = isWholeImage(task);
  const locked = mode === "review" || refusal !== null;
  const tools = useMemo<readonly Tool[]>(() => ["select", ...drawingTools(task)], [task]);

  const drawing = useDrawing(project, detail, locked ? "select" : firstTool(task));
  const deeds = useDeeds(project, detail, drawing, { wholeImage, onDone });
  const { categories, category, choose, repeat } = useClasses(project, task, drawing);
  const schema = useLabelSchema(project);
  const bones = useBones(schema);
  const numKeypoints = pointNames(schema, category).length || null;
  const [dialog, setDialog] = useState<Dialog>("none");
  const [scale, setScale] = useState(1);
  const [board, setBoard] = useState<Board | null>(null);

  const { width, height, format, id: imageId } = detail.image;
  const size = useMemo(() => ({ width, height }), [width, height]);
  const image = useLoadedImage(project, imageId, format);
  const photo = useMemo(() => (image.data === undefined ? null : photoOf(image.data, size)), [image.data, size]);
  const { marks } = drawing;
  const { shapes, proposals } = drawing;
  const shown = useMemo(() => [...shownShapes(shapes, marks), ...proposals], [shapes, proposals, marks]);
  const isPinned = useCallback((shape: { id: string }) => marks.locked.has(shape.id), [marks.locked]);

  const onCommand = (command: Command) => {
    const desk: Desk = {
      drawing, deeds, board, image: size, project, categories, tools, wholeImage, locked, light,
      choose, repeat, adjust: onLight, show: setDialog, go: onGo,
    }; // prettier-ignore
    runCommand(command, desk);
  };
  const inConflict = drawing.save.phase === "conflict";
  useKeys({
    mode,
    hotkeys: categories.map((item) => item.hotkey),
    overrides: keymap.overrides,
    paused: dialog !== "none" || inConflict,
    onCommand,
  });
  const close = () => { setDialog("none"); };
  const draws = !wholeImage && !locked;

  return (
    <div className={classes.workspace}>
      <Toolbar
        project={project}
        mode={mode}
        detail={detail}
        remaining={props.remaining}
        readOnly={refusal !== null}
        filter={props.filter}
        onFilter={props.onFilter}
        save={drawing.save}
        busy={deeds.busy}
        onRetry={() => void drawing.flush()}
        onCommand={onCommand}
      />
      <div className={classes.stage}>
        {photo === null ? (
          <NoImage failed={image.isError} onRetry={() => void image.refetch()} />
        ) : (
          <Canvas
            photo={photo}
            shapes={shown}
            colors={colors}
            opacity={light.fill / 100}
            tags={light.tags}
            category={category}
            locked={locked || wholeImage}
            isPinned={isPinned}
            numKeypoints={numKeypoints}
            bones={bones}
            filter={filterOf(light)}
            interaction={drawing.interaction}
            onEdit={(edit) => {
              drawing.edit(edit.type === "add" ? { ...edit, shapes: edit.shapes.map((shape) => begun(shape, schema)) } : edit);
            }}
            onView={(view) => { setScale(view.scale); }}
            onReady={setBoard}
          />
        )}
        {refusal !== null && <LookOnly refusal={refusal} />}
        {draws && <ToolPalette project={project} tools={tools} drawing={drawing} overrides={keymap.overrides} />}
        {draws && <ToolHint drawing={drawing} pointNames={pointNames(schema, drawing.selected?.category ?? category)} />}
        <ViewBar light={light} scale={scale} drawable={!wholeImage} onLight={onLight} onCommand={onCommand} />
      </div>
      <SidePanel
        mode={refusal === null ? mode : "review"}
        task={task}
        detail={detail}
        categories={categories}
        chosen={category}
        drawing={drawing}
        suggesting={deeds.suggesting}
        model={deeds.model}
        schema={schema}
        onChoose={(name) => { choose(name, false); }}
        onPick={(shape) => {
          drawing.select(shape.id);
          board?.reveal(shape);
        }}
        onCommand={onCommand}
      />
      <KeysDialog mode={mode} keymap={keymap} classes={categories} opened={dialog === "help"} onClose={close} />
      <ReasonDialog
        kind={dialog === "skip" || dialog === "reject" ? dialog : null}
        onClose={close}
        onReason={(kind, text) => {
          close();
          deeds[kind](text);
        }}
      />
      <ConflictDialog
        project={project}
        imageId={imageId}
        opened={inConflict}
        onKeepMine={drawing.keepMine}
        onTakeTheirs={drawing.takeTheirs}
      />
    </div>
  );
}
