import { useLocalStorage } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useCallback, useMemo, useState } from "react";

import type { ApiError } from "@/api/problem";
import { useCategoryColors } from "@/app/categories";
import { useProjectInfo } from "@/app/project";

import type { Board } from "../canvas/board";
import { Canvas } from "../canvas/Canvas";
import { photoOf } from "../canvas/photo";
import { drawingTools, firstTool, type Tool } from "../canvas/tools";
import type { Viewport } from "../canvas/viewport";
import { KeysDialog } from "../keys/KeysDialog";
import type { Command } from "../keys/keymap";
import { useKeymap } from "../keys/useKeymap";
import { useKeys } from "../keys/useKeys";
import { ConflictDialog } from "../saving/ConflictDialog";
import type { Journal, Kept } from "../saving/journal";
import { createStore } from "../store";
import type { Detail, Mode } from "./calls";
import { type Desk, type Dialog, runCommand } from "./commands";
import { useLoadedImage } from "./images";
import { isWholeImage } from "./labels";
import { filterOf, type Light } from "./light";
import { Instructions } from "./Instructions";
import { LookOnly } from "./LookOnly";
import { NoImage } from "./NoImage";
import { Pins } from "./Pins";
import { ReasonDialog } from "./ReasonDialog";
import { begun, pointNames, useBones, useLabelSchema } from "./schema";
import { shownShapes } from "./session";
import { SidePanel } from "./SidePanel";
import { Toolbar } from "./Toolbar";
import { ToolHint } from "./ToolHint";
import { ToolPalette } from "./ToolPalette";
import { useClasses } from "./useClasses";
import { useComments } from "./useComments";
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
  journal: Journal;
  /** Changes of an earlier sitting that the server never got. */
  kept: Kept | null;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  /** Light stays the same from one image to the next. */
  light: Light;
  onLight: (light: Light) => void;
  /** The work on this image is about to end. */
  onEnding: () => void;
  /** It did not end after all. */
  onStay: () => void;
  onDone: () => void;
  onGo: (by: 1 | -1) => void;
}

/** Says that a comment did not get through. */
function tell(error: unknown): void {
  const message = error instanceof Error ? error.message : "It was not sent.";
  notifications.show({ color: "red", title: "The comment was not changed", message });
}

/** One image to label or to review: canvas, tools, classes, shapes, and what the keys do. */
export function Workspace(props: WorkspaceProps) {
  const { project, mode, detail, refusal, light, onLight, onGo } = props;
  const task = useProjectInfo()?.task ?? "classification";
  const colors = useCategoryColors();
  const keymap = useKeymap();
  const wholeImage = isWholeImage(task);
  const [fixing, setFixing] = useState(false);
  const locked = refusal !== null || (mode === "review" && !fixing);
  const tools = useMemo<readonly Tool[]>(
    () => ["select", ...(locked ? [] : drawingTools(task)), "comment"],
    [task, locked],
  );

  const drawing = useDrawing(project, detail, {
    firstTool: locked ? "select" : firstTool(task),
    journal: props.journal,
    kept: locked ? null : props.kept,
    silent: mode === "review",
  });
  const deeds = useDeeds(project, detail, drawing, { wholeImage, ...props });
  const { categories, category, choose, repeat } = useClasses(project, task, drawing);
  const schema = useLabelSchema(project);
  const bones = useBones(schema);
  const numKeypoints = pointNames(schema, category).length || null;
  const [dialog, setDialog] = useState<Dialog>("none");
  const [view] = useState(() => createStore<Viewport>({ scale: 1, x: 0, y: 0 }));
  const talk = useComments(project, detail);
  const [reading, setReading] = useLocalStorage({ key: "visionloop.instructions", defaultValue: true });
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
      drawing, deeds, board, image: size, project, categories, tools, wholeImage, locked, fixing, light,
      startFixing: () => { setFixing(true); },
      toggleInstructions: () => { setReading(!reading); },
      choose, repeat, adjust: onLight, show: setDialog, go: onGo,
    }; // prettier-ignore
    runCommand(command, desk);
  };
  const inConflict = drawing.save.phase === "conflict";
  const keysMode = fixing ? "label" : mode;
  useKeys({
    mode: keysMode,
    hotkeys: categories.map((item) => item.hotkey),
    overrides: keymap.overrides,
    paused: dialog !== "none" || inConflict || talk.draft !== null,
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
        fixing={fixing}
        onStopFixing={() => {
          drawing.restart();
          setFixing(false);
        }}
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
            onView={view.set}
            onPin={talk.setDraft}
            onReady={setBoard}
          />
        )}
        {refusal !== null && <LookOnly refusal={refusal} />}
        <Pins
          comments={talk.comments}
          view={view}
          draft={talk.draft}
          onSay={(text, at) => void talk.say(text, at).catch(tell)}
          onDrop={() => { talk.setDraft(null); }}
        />
        <ToolPalette project={project} tools={tools} drawing={drawing} overrides={keymap.overrides} />
        {draws && <ToolHint drawing={drawing} pointNames={pointNames(schema, drawing.selected?.category ?? category)} />}
        <ViewBar light={light} view={view} drawable={!wholeImage} onLight={onLight} onCommand={onCommand} />
      </div>
      <SidePanel
        mode={refusal === null ? keysMode : "review"}
        task={task}
        detail={detail}
        categories={categories}
        chosen={category}
        drawing={drawing}
        suggesting={deeds.suggesting}
        model={deeds.model}
        schema={schema}
        comments={talk.comments}
        onResolve={(id) => void talk.resolve(id).catch(tell)}
        instructions={
          <Instructions
            project={project}
            queue={detail.task.queue}
            opened={reading}
            onToggle={() => { setReading(!reading); }}
          />
        }
        onChoose={(name) => { choose(name, false); }}
        onPick={(shape) => {
          drawing.select(shape.id);
          board?.reveal(shape);
        }}
        onCommand={onCommand}
      />
      <KeysDialog mode={keysMode} keymap={keymap} classes={categories} opened={dialog === "help"} onClose={close} />
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
        sides={drawing.sides}
        onKeep={drawing.keep}
        onTakeTheirs={drawing.takeTheirs}
      />
    </div>
  );
}
