import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type LabelingProject = Schemas["LabelingProjectOut"];
export type LabelingProjectSave = Schemas["LabelingProjectSave"];
export type Batch = Schemas["LabelBatchOut"];
export type Quality = Schemas["LabelQualityOut"];
export type AnnotatorQuality = Schemas["AnnotatorQualityOut"];
export type ConsensusCase = Schemas["ConsensusCaseOut"];
export type Curve = Schemas["LearningCurveOut"];
export type Assist = Schemas["AssistQualityOut"];

const ROOT = "/api/v1/projects/{project}/labeling" as const;

export function useLabelingProjects(project: string) {
  return useQuery({
    queryKey: [project, "labeling", "projects"],
    queryFn: () => body(api.GET(`${ROOT}/projects`, { params: { path: { project } } })),
  });
}

export function useLabelingProject(project: string, name: string) {
  return useQuery({
    queryKey: [project, "labeling", "projects", name],
    queryFn: () => body(api.GET(`${ROOT}/projects/{name}`, { params: { path: { project, name } } })),
  });
}

export function useQueueProgress(project: string, queue: string) {
  return useQuery({
    queryKey: [project, "labeling", "progress", queue],
    queryFn: () =>
      body(api.GET(`${ROOT}/progress`, { params: { path: { project }, query: { queue } } })),
    refetchInterval: LIVE_MS,
  });
}

export function useBatches(project: string, queue: string) {
  return useQuery({
    queryKey: [project, "labeling", "batches", queue],
    queryFn: () =>
      body(api.GET(`${ROOT}/batches`, { params: { path: { project }, query: { queue } } })),
    refetchInterval: LIVE_MS,
  });
}

export function useQuality(project: string, queue: string, enabled: boolean) {
  return useQuery({
    queryKey: [project, "labeling", "quality", queue],
    queryFn: () =>
      body(api.GET(`${ROOT}/quality`, { params: { path: { project }, query: { queue } } })),
    enabled,
  });
}

export function useDisputes(project: string, queue: string, enabled: boolean) {
  return useQuery({
    queryKey: [project, "labeling", "disputes", queue],
    queryFn: () =>
      body(
        api.GET(`${ROOT}/consensus`, {
          params: { path: { project }, query: { queue, state: "disputed" } },
        }),
        // The client widens the tuple of a box to a list.
      ) as Promise<Schemas["ConsensusCaseList"]>,
    enabled,
    refetchInterval: LIVE_MS,
  });
}

export function useCurve(project: string, name: string) {
  return useQuery({
    queryKey: [project, "labeling", "curve", name],
    queryFn: () =>
      body(api.GET(`${ROOT}/projects/{name}/curve`, { params: { path: { project, name } } })),
  });
}

export function useAssist(project: string, queue: string) {
  return useQuery({
    queryKey: [project, "labeling", "assist", queue],
    queryFn: () =>
      body(api.GET(`${ROOT}/assist`, { params: { path: { project }, query: { queue } } })),
  });
}

/** Any change to labeling makes every figure of it old. */
function useChange<V, R>(project: string, mutationFn: (values: V) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "labeling"] }),
  });
}

export function useSaveProject(project: string) {
  return useChange(project, ({ name, ...values }: LabelingProjectSave & { name: string }) =>
    body(
      api.PUT(`${ROOT}/projects/{name}`, { params: { path: { project, name } }, body: values }),
    ),
  );
}

export interface BatchOrder {
  size: number;
  strategy: "oldest" | "random" | "active";
}

export function useCreateBatch(project: string, name: string) {
  return useChange(project, ({ size, strategy }: BatchOrder) => {
    const params = { path: { project, name } };
    return strategy === "active"
      ? body(api.POST(`${ROOT}/projects/{name}/active-batches`, { params, body: { size } }))
      : body(api.POST(`${ROOT}/projects/{name}/batches`, { params, body: { size, strategy, seed: 0 } }));
  });
}

export function useSettle(project: string) {
  return useChange(project, ({ id, choice }: { id: string; choice: string }) =>
    body(
      api.POST(`${ROOT}/consensus/{case_id}/resolve`, {
        params: { path: { project, case_id: id } },
        body: { choice },
      }),
    ),
  );
}
