import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";

import { fromSuggestion } from "../canvas/shapes";
import { acceptTask, type Detail, rejectTask, skipTask, submitTask, suggestLabels } from "./calls";
import type { Drawing } from "./useDrawing";

/** What ends the work on an image, and what a model can add to it. */
export interface Deeds {
  busy: boolean;
  suggesting: boolean;
  submit: () => void;
  accept: () => void;
  skip: (reason: string) => void;
  reject: (comment: string) => void;
  suggest: () => void;
}

export function useDeeds(
  project: string,
  detail: Detail,
  drawing: Drawing,
  options: { wholeImage: boolean; onDone: () => void },
): Deeds {
  const taskId = detail.task.id;
  const finish = useMutation({
    mutationFn: async (deed: () => Promise<unknown>) => {
      const stored = await drawing.flush();
      if (!stored) throw new Error("Not everything is saved yet. Try again once it is.");
      await deed();
    },
    onSuccess: options.onDone,
  });
  const suggest = useMutation({
    mutationFn: () => suggestLabels(project, taskId),
    onSuccess: (found) => {
      const proposed = found.annotations.map(fromSuggestion);
      if (proposed.length === 0) {
        notifications.show({ title: "No suggestion", message: `${found.model} sees nothing here.` });
        return;
      }
      const kept = options.wholeImage ? [] : drawing.shapes;
      drawing.edit({ type: "set_all", shapes: [...kept, ...proposed] });
    },
  });
  const end = (deed: () => Promise<unknown>) => {
    if (!finish.isPending) finish.mutate(deed);
  };
  return {
    busy: finish.isPending,
    suggesting: suggest.isPending,
    submit: () => { end(() => submitTask(project, taskId)); },
    accept: () => { end(() => acceptTask(project, taskId, drawing.revision())); },
    skip: (reason) => { end(() => skipTask(project, taskId, reason)); },
    reject: (comment) => { end(() => rejectTask(project, taskId, comment, drawing.revision())); },
    suggest: () => { if (!suggest.isPending) suggest.mutate(); },
  };
}
