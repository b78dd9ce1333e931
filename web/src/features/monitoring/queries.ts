import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS, LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
/** The server fills in every setting; only requests may leave some out. */
export type Monitor = Omit<Schemas["MonitorSchema"], "settings"> & {
  settings: Required<Schemas["MonitorSettingsSchema"]>;
};
export type MonitorWindow = Schemas["MonitorWindowSchema"];
export type DriftResult = Schemas["DriftResultSchema"];
export type PerformancePoint = Schemas["PerformancePointSchema"];
export type Alert = Schemas["AlertSchema"];
export type AlertState = Schemas["AlertState"];
export type Selection = Schemas["ReviewSelectionSchema"];
export type ReviewOutcomes = Schemas["ReviewOutcomesSchema"];
export type LoggedPrediction = Schemas["LoggedPredictionSchema"];
export type EndpointHistory = Schemas["EndpointHealthSchema"];

/** Address of a photo that an endpoint's prediction log kept. */
export function loggedPhotoUrl(project: string, endpoint: string, imageId: string): string {
  const path = `prediction-log/${encodeURIComponent(endpoint)}/images/${imageId}`;
  return `/api/v1/projects/${encodeURIComponent(project)}/${path}`;
}

export function useMonitors(project: string) {
  return useQuery({
    queryKey: [project, "monitors"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/monitors", { params: { path: { project } } })),
    select: (page) => page.items as Monitor[],
    refetchInterval: CALM_MS,
  });
}

export function useMonitor(project: string, name: string) {
  return useQuery({
    queryKey: [project, "monitors", name],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/monitors/{name}", { params: { path: { project, name } } }),
      ),
    select: (monitor) => monitor as Monitor,
    refetchInterval: CALM_MS,
  });
}

/** What the monitor found, newest first. */
export function useWindows(project: string, name: string, limit = 60) {
  return useQuery({
    queryKey: [project, "windows", name, limit],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/monitors/{name}/windows", {
          params: { path: { project, name }, query: { limit } },
        }),
      ),
    select: (page) => page.items,
    refetchInterval: LIVE_MS,
  });
}

/** Estimated and audited accuracy, oldest first. */
export function usePerformance(project: string, name: string) {
  return useQuery({
    queryKey: [project, "windows", name, "performance"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/monitors/{name}/performance", {
          params: { path: { project, name }, query: { limit: 60 } },
        }),
      ),
    select: (page) => page.items,
    refetchInterval: LIVE_MS,
  });
}

/** Finished drills, newest first. */
export function useDrills(project: string) {
  return useQuery({
    queryKey: [project, "drills"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/drills", { params: { path: { project } } })),
    select: (page) => page.items,
    refetchInterval: CALM_MS,
  });
}

export function useAlerts(project: string, state?: AlertState) {
  return useQuery({
    queryKey: [project, "alerts", state ?? "all"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/alerts", {
          params: { path: { project }, query: { state, limit: 200 } },
        }),
      ),
    select: (page) => page.items,
    refetchInterval: LIVE_MS,
  });
}

export function useSelections(project: string, name: string) {
  return useQuery({
    queryKey: [project, "review", name],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/monitors/{name}/review-selections", {
          params: { path: { project, name }, query: { limit: 200 } },
        }),
      ),
    select: (page) => page.items,
    refetchInterval: CALM_MS,
  });
}

export function useOutcomes(project: string, name: string) {
  return useQuery({
    queryKey: [project, "review", name, "outcomes"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/monitors/{name}/review-outcomes", {
          params: { path: { project, name } },
        }),
      ),
    refetchInterval: CALM_MS,
  });
}

export interface RequestFilter {
  label?: string;
  deployment?: string;
}

export function useRequests(project: string, endpoint: string, filter: RequestFilter, limit: number) {
  return useQuery({
    queryKey: [project, "requests", endpoint, filter, limit],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/prediction-log/{endpoint}", {
          params: { path: { project, endpoint }, query: { ...filter, limit } },
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_MS,
  });
}

export function useLogSummary(project: string, endpoint: string) {
  return useQuery({
    queryKey: [project, "requests", endpoint, "summary"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/prediction-log/{endpoint}/summary", {
          params: { path: { project, endpoint } },
        }),
      ),
    select: (page) => page.items,
    refetchInterval: CALM_MS,
  });
}

/** Recent checks, traffic and restarts of an endpoint. */
export function useEndpointHistory(project: string, endpoint: string) {
  return useQuery({
    queryKey: [project, "infrastructure", endpoint],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/infrastructure/{endpoint}", {
          params: { path: { project, endpoint } },
        }),
      ),
    refetchInterval: CALM_MS,
  });
}

function useRefresh(project: string, kinds: readonly string[]) {
  const client = useQueryClient();
  return () =>
    Promise.all(kinds.map((kind) => client.invalidateQueries({ queryKey: [project, kind] })));
}

export function useRunMonitor(project: string, name: string) {
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/monitors/{name}/run", {
          params: { path: { project, name } },
        }),
      ),
    onSuccess: useRefresh(project, ["windows", "alerts"]),
  });
}

export function useUpdateMonitor(project: string, name: string) {
  return useMutation({
    mutationFn: (changes: Schemas["MonitorUpdate"]) =>
      body(
        api.PATCH("/api/v1/projects/{project}/monitors/{name}", {
          params: { path: { project, name } },
          body: changes,
        }),
      ),
    onSuccess: useRefresh(project, ["monitors"]),
  });
}

/** Turns the images most likely wrong into labeling tasks. */
export function useSendToReview(project: string, name: string) {
  return useMutation({
    mutationFn: (request: { budget: number | null; alert_id: string | null }) =>
      body(
        api.POST("/api/v1/projects/{project}/monitors/{name}/review", {
          params: { path: { project, name } },
          body: request,
        }),
      ),
    onSuccess: useRefresh(project, ["review"]),
  });
}

export function useHandleAlert(project: string) {
  return useMutation({
    mutationFn: ({ alertId, deed }: { alertId: string; deed: "acknowledge" | "resolve" }) => {
      const call = { params: { path: { project, alert_id: alertId } } };
      return deed === "acknowledge"
        ? body(api.POST("/api/v1/projects/{project}/alerts/{alert_id}/acknowledge", call))
        : body(api.POST("/api/v1/projects/{project}/alerts/{alert_id}/resolve", call));
    },
    onSuccess: useRefresh(project, ["alerts"]),
  });
}
