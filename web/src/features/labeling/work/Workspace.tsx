import { useCallback, useMemo, useRef, useState } from "react";

import { useCategoryColors } from "@/app/categories";
import { useProjectInfo } from "@/app/project";

import { Canvas, type CanvasControl } from "../canvas/Canvas";
import type { Detail, Mode } from "./calls";
import { type Desk, type Dialog, runCommand } from "./commands";
import { ConflictDialog } from "./ConflictDialog";
import { useLoadedImage } from "./images";
import { chooseCategory, isWholeImage } from "./labels";
import { NoImage } from "./NoImage";
import { ReasonDialog } from "./ReasonDialog";
import type { Command } from "./shortcuts";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { SidePanel } from "./SidePanel";
import { Toolbar } from "./Toolbar";
import { useDeeds } from "./useDeeds";
import { useDrawing } from "./useDrawing";
import { useKeys } from "./useKeys";
import { type Light, ViewBar } from "./ViewBar";
import classes from "./Workspace.module.css";

interface WorkspaceProps {
  project: string;
  mode: Mode;
  detail: Detail;
  remaining: number;
  onDone: () => void;
}

/** One image to label or to review: canvas, classes, shapes, and what the keys do. */
export function Workspace({ project, mode, detail, remaining, onDone }: WorkspaceProps) {
  const info = useProjectInfo();
  const categories = useMemo(() => info?.categories ?? [], [info]);
  const colors = useCategoryColors();
  const task = info?.task ?? "classification";
  const wholeImage = isWholeImage(task);

  const drawing = useDrawing(project, detail);
  const deeds = useDeeds(project, detail, drawing, { wholeImage, onDone });
  const [chosen, setChosen] = useState<string | null>(null);
  const [dialog, setDialog] = useState<Dialog>("none");
  const [light, setLight] = useState<Light>({ brightness: 100, contrast: 100 });
  const control = useRef<CanvasControl | null>(null);
  const onReady = useCallback((ready: CanvasControl) => { control.current = ready; }, []);

  const { width, height, format, id: imageId } = detail.image;
  const size = useMemo(() => ({ width, height }), [width, height]);
  const image = useLoadedImage(project, imageId, format);
  const category = chosen ?? categories[0]?.name ?? "";

  const choose = (name: string) => {
    setChosen(name);
    const change = chooseCategory(task, drawing.shapes, drawing.selected, name);
    if (change !== null) drawing.edit(change);
  };
  const onCommand = (command: Command) => {
    const desk: Desk = {
      drawing,
      deeds,
      control: control.current,
      image: size,
      category,
      categories,
      wholeImage,
      locked: mode === "review",
      choose,
      show: setDialog,
    };
    runCommand(command, desk);
  };
  const inConflict = drawing.save.phase === "conflict";
  useKeys({
    mode,
    hotkeys: categories.map((item) => item.hotkey),
    paused: dialog !== "none" || inConflict,
    onCommand,
  });
  const close = () => { setDialog("none"); };

  return (
    <div className={classes.workspace}>
      <Toolbar
        project={project}
        mode={mode}
        detail={detail}
        remaining={remaining}
        save={drawing.save}
        busy={deeds.busy}
        onRetry={() => void drawing.flush()}
        onCommand={onCommand}
      />
      <div className={classes.stage}>
        {image.data === undefined ? (
          <NoImage failed={image.isError} onRetry={() => void image.refetch()} />
        ) : (
          <Canvas
            image={image.data}
            size={size}
            shapes={drawing.shapes}
            colors={colors}
            category={category}
            drawable={!wholeImage}
            locked={mode === "review"}
            filter={`brightness(${String(light.brightness)}%) contrast(${String(light.contrast)}%)`}
            interaction={drawing.interaction}
            onInteraction={drawing.interact}
            onEdit={drawing.edit}
            onReady={onReady}
          />
        )}
        <ViewBar light={light} onLight={setLight} onCommand={onCommand} />
      </div>
      <SidePanel
        mode={mode}
        task={task}
        detail={detail}
        categories={categories}
        chosen={category}
        drawing={drawing}
        suggesting={deeds.suggesting}
        onChoose={choose}
        onCommand={onCommand}
      />
      <ShortcutsDialog mode={mode} opened={dialog === "help"} onClose={close} />
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
