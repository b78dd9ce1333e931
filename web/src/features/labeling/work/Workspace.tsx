import { Skeleton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";

import { useCategoryColors } from "@/app/categories";
import { useProjectInfo } from "@/app/project";
import { ErrorState } from "@/ui/ErrorState";

import { Canvas, type CanvasControl } from "../canvas/Canvas";
import { applyEdit, type Edit, type History, redo, renameShapes, startHistory, undo } from "../canvas/history";
import { AT_REST, boxInView, type Interaction, nudge, step } from "../canvas/interaction";
import { boxShape, fromAnnotation, newId, type Shape } from "../canvas/shapes";
import { acceptTask, type Detail, type Mode, rejectTask, skipTask, submitTask, suggestLabels } from "./calls";
import { ConflictDialog } from "./ConflictDialog";
import { ReasonDialog } from "./ReasonDialog";
import { useLoadedImage } from "./images";
import { chooseCategory, isWholeImage } from "./labels";
import { type Command, commandOf } from "./shortcuts";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { SidePanel } from "./SidePanel";
import { Toolbar } from "./Toolbar";
import { useSaver } from "./useSaver";
import { type Light, ViewBar } from "./ViewBar";
import classes from "./Workspace.module.css";

interface WorkspaceProps {
  project: string;
  mode: Mode;
  detail: Detail;
  remaining: number;
  onDone: () => void;
}

type Dialog = "none" | "help" | "skip" | "reject";

/** One image to label or to review: canvas, classes, shapes, and what the keys do. */
export function Workspace({ project, mode, detail, remaining, onDone }: WorkspaceProps) {
  const info = useProjectInfo();
  const categories = useMemo(() => info?.categories ?? [], [info]);
  const colors = useCategoryColors();
  const task = info?.task ?? "classification";
  const wholeImage = isWholeImage(task);
  const locked = mode === "review";

  const [history, setHistory] = useState<History>(() =>
    startHistory(detail.annotations.annotations.map(fromAnnotation)),
  );
  const [interaction, setInteraction] = useState<Interaction>(AT_REST);
  const [chosen, setChosen] = useState<string | null>(null);
  const [dialog, setDialog] = useState<Dialog>("none");
  const [light, setLight] = useState<Light>({ brightness: 100, contrast: 100 });
  const control = useRef<CanvasControl | null>(null);
  const onReady = useCallback((ready: CanvasControl) => { control.current = ready; }, []);

  const onNamed = useCallback((ids: ReadonlyMap<string, string>) => {
    setHistory((now) => renameShapes(now, ids));
    setInteraction((now) => ({ ...now, selected: ids.get(now.selected ?? "") ?? now.selected }));
  }, []);
  const saving = useSaver(project, detail, onNamed);

  const { width, height, format, id: imageId } = detail.image;
  const size = useMemo(() => ({ width, height }), [width, height]);
  const image = useLoadedImage(project, imageId, format);
  const shapes = history.present;
  const selected = shapes.find((shape) => shape.id === interaction.selected) ?? null;
  const category = chosen ?? categories[0]?.name ?? "";

  const become = (next: History) => {
    if (next === history) return;
    setHistory(next);
    saving.change(next.present);
  };
  const edit = (change: Edit) => { become(applyEdit(history, change)); };
  const select = (id: string | null) => { setInteraction({ ...interaction, selected: id, armed: false }); };

  const choose = (name: string) => {
    setChosen(name);
    const change = chooseCategory(task, shapes, selected, name);
    if (change !== null) edit(change);
  };

  const finish = useMutation({
    mutationFn: async (deed: () => Promise<unknown>) => {
      const stored = await saving.flush();
      if (!stored) throw new Error("Not everything is saved yet. Try again once it is.");
      await deed();
    },
    onSuccess: onDone,
  });
  const suggest = useMutation({
    mutationFn: () => suggestLabels(project, detail.task.id),
    onSuccess: (found) => {
      const proposed = found.annotations.map((item): Shape => ({ ...item, id: newId() }));
      if (proposed.length === 0) {
        notifications.show({ title: "No suggestion", message: `${found.model} sees nothing here.` });
      } else edit({ type: "set_all", shapes: wholeImage ? proposed : [...shapes, ...proposed] });
    },
  });

  const newBox = () => {
    if (wholeImage || locked) return;
    if (!interaction.armed) {
      setInteraction({ ...interaction, selected: null, armed: true });
      return;
    }
    const visible = control.current?.visible();
    if (visible === undefined) return;
    const shape = boxShape(boxInView(visible, size), category);
    edit({ type: "add", shape });
    setInteraction({ ...AT_REST, selected: shape.id });
  };

  const nextShape = () => {
    const boxes = shapes.filter((shape) => shape.bbox !== null);
    const index = boxes.findIndex((shape) => shape.id === interaction.selected);
    select(boxes[(index + 1) % Math.max(boxes.length, 1)]?.id ?? null);
  };

  const run = (command: Command) => {
    switch (command.type) {
      case "category": {
        const found = categories[command.index];
        if (found !== undefined) choose(found.name);
        return;
      }
      case "nudge": {
        const change = selected && nudge(selected, command, command.resize, size);
        if (change) edit(change);
        return;
      }
      case "delete":
        if (selected !== null) edit({ type: "remove", id: selected.id });
        else if (wholeImage && shapes.length > 0) edit({ type: "set_all", shapes: [] });
        return;
      case "new_box":
        newBox();
        return;
      case "cancel":
        if (interaction.armed || interaction.gesture.type !== "none") {
          setInteraction(step(interaction, { type: "cancel" }, { image: size, category, drawable: true, locked }).state);
        } else select(null);
        return;
      case "undo":
        become(undo(history));
        return;
      case "redo":
        become(redo(history));
        return;
      case "next_shape":
        nextShape();
        return;
      case "suggest":
        if (!suggest.isPending) suggest.mutate();
        return;
      case "fit":
        control.current?.fit();
        return;
      case "zoom_in":
      case "zoom_out":
        control.current?.zoom(command.type === "zoom_in" ? 1.25 : 0.8);
        return;
      case "help":
        setDialog("help");
        return;
      case "skip":
      case "reject":
        setDialog(command.type);
        return;
      case "submit":
        if (!finish.isPending) finish.mutate(() => submitTask(project, detail.task.id));
        return;
      case "accept":
        if (!finish.isPending) {
          finish.mutate(() => acceptTask(project, detail.task.id, saving.revision()));
        }
    }
  };

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (dialog !== "none" || saving.state.phase === "conflict" || isTyping(event)) return;
    const command = commandOf(event, mode, categories.map((item) => item.hotkey));
    if (command === null) return;
    // A focused button keeps Enter and Tab for itself.
    if ((command.type === "submit" || command.type === "next_shape") && isOnControl(event)) return;
    event.preventDefault();
    run(command);
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => { onKey(event); };
    window.addEventListener("keydown", listen);
    return () => { window.removeEventListener("keydown", listen); };
  }, []);

  return (
    <div className={classes.workspace}>
      <Toolbar
        project={project}
        mode={mode}
        detail={detail}
        remaining={remaining}
        save={saving.state}
        busy={finish.isPending}
        onRetry={() => void saving.flush()}
        onCommand={run}
      />
      <div className={classes.stage}>
        {image.data !== undefined ? (
          <Canvas
            image={image.data}
            size={size}
            shapes={shapes}
            colors={colors}
            category={category}
            drawable={!wholeImage}
            locked={locked}
            filter={`brightness(${String(light.brightness)}%) contrast(${String(light.contrast)}%)`}
            interaction={interaction}
            onInteraction={setInteraction}
            onEdit={edit}
            onReady={onReady}
          />
        ) : image.isError ? (
          <ErrorState error={new Error("The image could not be loaded. It may have been moved at its source.")} onRetry={() => void image.refetch()} />
        ) : (
          <Skeleton className={classes.loading} aria-label="Loading the image" />
        )}
        <ViewBar light={light} onLight={setLight} onCommand={run} />
      </div>
      <SidePanel
        mode={mode}
        task={task}
        detail={detail}
        categories={categories}
        shapes={shapes}
        selected={selected}
        chosen={wholeImage ? null : category}
        canUndo={history.past.length > 0}
        canRedo={history.future.length > 0}
        suggesting={suggest.isPending}
        onChoose={choose}
        onSelect={select}
        onRemove={(id) => { edit({ type: "remove", id }); }}
        onCommand={run}
      />
      <ShortcutsDialog mode={mode} opened={dialog === "help"} onClose={() => { setDialog("none"); }} />
      <ReasonDialog
        kind={dialog === "skip" || dialog === "reject" ? dialog : null}
        onClose={() => { setDialog("none"); }}
        onReason={(kind, text) => {
          setDialog("none");
          finish.mutate(() =>
            kind === "skip"
              ? skipTask(project, detail.task.id, text)
              : rejectTask(project, detail.task.id, text, saving.revision()),
          );
        }}
      />
      <ConflictDialog
        project={project}
        imageId={imageId}
        opened={saving.state.phase === "conflict"}
        onKeepMine={saving.overwrite}
        onTakeTheirs={(stored) => {
          saving.adopt(stored.revision);
          setHistory(startHistory(stored.annotations.map(fromAnnotation)));
          setInteraction(AT_REST);
        }}
      />
    </div>
  );
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

function isOnControl(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && ["BUTTON", "A"].includes(event.target.tagName);
}
