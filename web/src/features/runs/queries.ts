import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS, LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type Run = Schemas["RunOut"];
export type RunStatus = Schemas["RunStatus"];
export type RunCreate = Schemas["RunCreate"];
export type RunDetail = Schemas["RunDetailOut"];
export type RecipeParameter = Schemas["RecipeParameterOut"];
export type Report = Schemas["ReportOut"];
export type ObjectReport = Schemas["ObjectReportOut"];
export type RegionReport = Schemas["RegionReportOut"];
export type MultilabelReport = Schemas["MultilabelReportOut"];
export type ImageResult = Schemas["ImageResultOut"];

export interface RunFilter {
  experiment?: string;
  status?: RunStatus;
}

export interface ImageFilter {
  label?: string;
  predicted?: string;
  only_errors?: boolean;
}

export function isActive(run: Pick<Run, "status">): boolean {
  return run.status === "scheduled" || run.status === "running";
}

export function useRuns(project: string, filter: RunFilter = {}) {
  return useQuery({
    queryKey: [project, "runs", "list", filter],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/runs", {
          params: { path: { project }, query: { ...filter, limit: 200 } },
        }),
      ),
    select: (page) => page.items,
    refetchInterval: (query) => (query.state.data?.items.some(isActive) ? LIVE_MS : CALM_MS),
  });
}

export function useExperiments(project: string) {
  return useQuery({
    queryKey: [project, "experiments"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/experiments", { params: { path: { project } } })),
    select: (page) => page.items,
  });
}

export function useRecipes(project: string) {
  return useQuery({
    queryKey: [project, "recipes"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/recipes", { params: { path: { project } } })),
    select: (page) => page.items,
    staleTime: Infinity,
  });
}

export function runQuery(project: string, runId: string) {
  return {
    queryKey: [project, "runs", "one", runId],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/runs/{run_id}", {
          params: { path: { project, run_id: runId } },
        }),
      ),
  };
}

export function useRun(project: string, runId: string | null) {
  return useQuery({
    ...runQuery(project, runId ?? ""),
    enabled: runId !== null,
    refetchInterval: (query) => (query.state.data && isActive(query.state.data.run) ? LIVE_MS : false),
  });
}

/** The whole log; while the run lives, only what is new is asked for. */
export function useRunLog(project: string, runId: string, live: boolean) {
  const log = useInfiniteQuery({
    queryKey: [project, "run-log", runId],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/runs/{run_id}/log", {
          params: { path: { project, run_id: runId }, query: { offset: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next_offset,
    staleTime: Infinity,
  });
  useQuery({
    // A run that ends asks once more, for the last lines.
    queryKey: [project, "run-log-tail", runId, live],
    queryFn: async () => {
      await log.fetchNextPage();
      return null;
    },
    enabled: log.isSuccess,
    refetchInterval: live ? LIVE_MS : false,
  });
  return { ...log, text: (log.data?.pages ?? []).map((page) => page.text).join("") };
}

export function useStartRun(project: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: (run: RunCreate) =>
      body(api.POST("/api/v1/projects/{project}/runs", { params: { path: { project } }, body: run })),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "runs"] }),
  });
}

export function useCancelRun(project: string, runId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/runs/{run_id}/cancel", {
          params: { path: { project, run_id: runId } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "runs"] }),
  });
}

export function useComparison(project: string, runIds: readonly string[]) {
  return useQuery({
    queryKey: [project, "runs", "compare", runIds],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/runs/compare", {
          params: { path: { project }, query: { run_id: [...runIds] } },
        }),
      ),
    enabled: runIds.length >= 2,
  });
}

/** Address of a file that a run left. */
export function artifactUrl(run: Run, path: string): string {
  const file = path.split("/").map(encodeURIComponent).join("/");
  return `/api/v1/projects/${encodeURIComponent(run.project)}/runs/${run.id}/artifacts/${file}`;
}
