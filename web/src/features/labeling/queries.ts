import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type Queue = Schemas["QueueSummaryOut"];
export type Task = Schemas["LabelTaskOut"];
export type TaskState = Task["state"];
export type Progress = Schemas["LabelingProgressOut"];
export type LabelerFigures = Schemas["LabelerFiguresOut"];

export function useQueues(project: string) {
  return useQuery({
    queryKey: [project, "labeling", "queues"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/labeling/queues", { params: { path: { project } } })),
    refetchInterval: LIVE_MS,
  });
}

export function useProgress(project: string) {
  return useQuery({
    queryKey: [project, "labeling", "progress"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/labeling/progress", { params: { path: { project } } }),
      ),
    refetchInterval: LIVE_MS,
  });
}

export function useTasks(project: string, queue: string | null, state: TaskState | null) {
  return useQuery({
    queryKey: [project, "labeling", "tasks", queue, state],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/labeling/tasks", {
          params: { path: { project }, query: { queue, state, limit: 50 } },
        }),
        // The client widens the tuple of a box to a list.
      ) as Promise<Schemas["LabelTaskList"]>,
    refetchInterval: LIVE_MS,
  });
}

/** Queues every image without labels. */
export function useQueueUnlabeled(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/labeling/tasks", {
          params: { path: { project } },
          body: { annotation_status: "unlabeled", limit: 20_000 },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "labeling"] }),
  });
}

export function useReopen(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (taskId: string) =>
      body(
        api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/reopen", {
          params: { path: { project, task_id: taskId } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "labeling"] }),
  });
}
