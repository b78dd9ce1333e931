import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { fromSuggestion } from "../canvas/shapes";
import { acceptTask, type Detail, fixTask, rejectTask, skipTask, submitTask, suggestLabels } from "./calls";
import type { Drawing } from "./useDrawing";

/** What ends the work on an image, and what a model can add to it. */
export interface Deeds {
  busy: boolean;
  suggesting: boolean;
  /** The model behind the present proposals. */
  model: string | null;
  submit: () => void;
  accept: () => void;
  /** Accepts the labels as the reviewer mended them. */
  fix: () => void;
  skip: (reason: string) => void;
  reject: (comment: string) => void;
  suggest: () => void;
}

interface DeedOptions {
  wholeImage: boolean;
  onEnding: () => void;
  onStay: () => void;
  onDone: () => void;
}

export function useDeeds(
  project: string,
  detail: Detail,
  drawing: Drawing,
  options: DeedOptions,
): Deeds {
  const taskId = detail.task.id;
  const [model, setModel] = useState<string | null>(null);
  const finish = useMutation({
    mutationFn: async (deed: () => Promise<unknown>) => {
      const stored = await drawing.flush();
      if (!stored) throw new Error("Not everything is saved yet. Try again once it is.");
      options.onEnding();
      await deed();
    },
    onSuccess: options.onDone,
    onError: options.onStay,
  });
  const suggest = useMutation({
    mutationFn: () => suggestLabels(project, taskId),
    onSuccess: (found) => {
      const proposed = found.annotations.map(fromSuggestion);
      if (proposed.length === 0) {
        notifications.show({ title: "No suggestion", message: `${found.model} sees nothing here.` });
        return;
      }
      // The one class of an image is seen at once and changed by a key; shapes are judged one by one.
      if (options.wholeImage) drawing.edit({ type: "set_all", shapes: proposed });
      else drawing.edit({ type: "propose", shapes: proposed });
      setModel(found.model);
    },
  });
  const end = (deed: () => Promise<unknown>) => {
    if (!finish.isPending) finish.mutate(deed);
  };
  return {
    busy: finish.isPending,
    suggesting: suggest.isPending,
    model,
    submit: () => { end(() => submitTask(project, taskId)); },
    accept: () => { end(() => acceptTask(project, taskId, drawing.revision())); },
    fix: () => {
      const { shapes, attributes } = drawing;
      end(() => fixTask(project, taskId, { shapes, attributes, proposals: [] }, drawing.revision()));
    },
    skip: (reason) => { end(() => skipTask(project, taskId, reason)); },
    reject: (comment) => { end(() => rejectTask(project, taskId, comment, drawing.revision())); },
    suggest: () => { if (!suggest.isPending) suggest.mutate(); },
  };
}
