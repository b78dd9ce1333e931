import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type Model = Schemas["RegisteredModelOut"];
export type ModelVersion = Schemas["ModelVersionOut"];
export type ModelVersionDetail = Schemas["ModelVersionDetailOut"];
export type Lineage = Schemas["LineageOut"];
export type LineageNode = Schemas["LineageNodeOut"];

export function useModels(project: string) {
  return useQuery({
    queryKey: [project, "models"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/models", { params: { path: { project } } })),
    select: (page) => page.items,
    refetchInterval: CALM_MS,
  });
}

/** Versions of all models of the project, newest first. */
export function useAllVersions(project: string) {
  return useQuery({
    queryKey: [project, "model-versions"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/model-versions", { params: { path: { project } } })),
    select: (page) => page.items,
    refetchInterval: CALM_MS,
  });
}

export function useModel(project: string, model: string) {
  return useQuery({
    queryKey: [project, "models", model],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/models/{model}", { params: { path: { project, model } } })),
  });
}

export function useModelVersions(project: string, model: string) {
  return useQuery({
    queryKey: [project, "model-versions", model],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/models/{model}/versions", {
          params: { path: { project, model } },
        }),
      ),
    select: (page) => page.items,
    refetchInterval: CALM_MS,
  });
}

export function useModelVersion(project: string, model: string, version: string) {
  return useQuery({
    queryKey: [project, "model-versions", model, version],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/models/{model}/versions/{version}", {
          params: { path: { project, model, version } },
        }),
      ),
  });
}

export function useLineage(project: string, model: string, version: string) {
  return useQuery({
    queryKey: [project, "lineage", model, version],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/models/{model}/versions/{version}/lineage", {
          params: { path: { project, model, version } },
        }),
      ),
  });
}

export function useVerifyPackage(project: string, model: string, version: string) {
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/models/{model}/versions/{version}/verify", {
          params: { path: { project, model, version } },
        }),
      ),
  });
}

function useRefresh(project: string) {
  const client = useQueryClient();
  return () =>
    Promise.all(
      ["models", "model-versions", "lineage"].map((kind) =>
        client.invalidateQueries({ queryKey: [project, kind] }),
      ),
    );
}

export function useRegisterRun(project: string) {
  return useMutation({
    meta: { silent: true },
    mutationFn: ({ model, runId, notes }: { model: string; runId: string; notes: string }) =>
      body(
        api.POST("/api/v1/projects/{project}/models/{model}/versions", {
          params: { path: { project, model } },
          body: { run_id: runId, notes },
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

export function useSetAlias(project: string, model: string) {
  return useMutation({
    mutationFn: ({ alias, version }: { alias: string; version: number | null }) => {
      const params = { path: { project, model, alias } };
      return version === null
        ? body(api.DELETE("/api/v1/projects/{project}/models/{model}/aliases/{alias}", { params }))
        : body(
            api.PUT("/api/v1/projects/{project}/models/{model}/aliases/{alias}", {
              params,
              body: { version },
            }),
          );
    },
    onSuccess: useRefresh(project),
  });
}

export function packageUrl(project: string, version: ModelVersion): string {
  const model = `/models/${encodeURIComponent(version.model)}/versions/${String(version.version)}`;
  return `/api/v1/projects/${encodeURIComponent(project)}${model}/package`;
}
