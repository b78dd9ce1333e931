import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS, LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type Endpoint = Schemas["EndpointOut"];
export type EndpointCreate = Schemas["EndpointCreate"];
export type EndpointHealth = Schemas["EndpointHealthOut"];
export type Deployment = Schemas["DeploymentOut"];
export type EndpointKey = Schemas["KeyOut"];
export type Score = Schemas["ScoreOut"];

export function useEndpoints(project: string) {
  return useQuery({
    queryKey: [project, "endpoints"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/endpoints", { params: { path: { project } } })),
    select: (page) => page.items,
    refetchInterval: CALM_MS,
  });
}

export function useEndpoint(project: string, endpoint: string) {
  return useQuery({
    queryKey: [project, "endpoints", endpoint],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/endpoints/{endpoint}", {
          params: { path: { project, endpoint } },
        }),
      ),
    refetchInterval: CALM_MS,
  });
}

/** What the endpoint's process says about itself, now. */
export function useHealth(project: string, endpoint: string) {
  return useQuery({
    queryKey: [project, "endpoint-health", endpoint],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/endpoints/{endpoint}/health", {
          params: { path: { project, endpoint } },
        }),
      ),
    refetchInterval: LIVE_MS,
  });
}

export function useProcessLog(project: string, endpoint: string) {
  return useQuery({
    queryKey: [project, "endpoint-log", endpoint],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/endpoints/{endpoint}/log", {
          params: { path: { project, endpoint }, query: { num_lines: 400 } },
        }),
      ),
    refetchInterval: LIVE_MS,
  });
}

/** Keys are for those who may deploy; `enabled` is off for the others. */
export function useKeys(project: string, endpoint: string, enabled: boolean) {
  return useQuery({
    queryKey: [project, "endpoint-keys", endpoint],
    enabled,
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/endpoints/{endpoint}/keys", {
          params: { path: { project, endpoint } },
        }),
      ),
    select: (page) => page.items,
  });
}

function useRefresh(project: string) {
  const client = useQueryClient();
  return () =>
    Promise.all(
      ["endpoints", "endpoint-health", "endpoint-keys"].map((kind) =>
        client.invalidateQueries({ queryKey: [project, kind] }),
      ),
    );
}

export function useCreateEndpoint(project: string) {
  return useMutation({
    meta: { silent: true },
    mutationFn: (values: EndpointCreate) =>
      body(
        api.POST("/api/v1/projects/{project}/endpoints", {
          params: { path: { project } },
          body: values,
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

export function useSetState(project: string, endpoint: string) {
  return useMutation({
    mutationFn: (desired_state: "running" | "stopped") =>
      body(
        api.PATCH("/api/v1/projects/{project}/endpoints/{endpoint}", {
          params: { path: { project, endpoint } },
          body: { desired_state },
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

export function useRestart(project: string, endpoint: string) {
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/endpoints/{endpoint}/restart", {
          params: { path: { project, endpoint } },
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

export function useSetTraffic(project: string, endpoint: string) {
  return useMutation({
    meta: { silent: true },
    mutationFn: (split: { weights: Record<string, number>; mirrors: Record<string, number> }) =>
      body(
        api.PUT("/api/v1/projects/{project}/endpoints/{endpoint}/traffic", {
          params: { path: { project, endpoint } },
          body: split,
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

export function useRemoveDeployment(project: string, endpoint: string) {
  return useMutation({
    mutationFn: (deployment: string) =>
      body(
        api.DELETE("/api/v1/projects/{project}/endpoints/{endpoint}/deployments/{deployment}", {
          params: { path: { project, endpoint, deployment } },
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

export function useCreateKey(project: string, endpoint: string) {
  return useMutation({
    mutationFn: (name: string) =>
      body(
        api.POST("/api/v1/projects/{project}/endpoints/{endpoint}/keys", {
          params: { path: { project, endpoint } },
          body: { name },
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

export function useRevokeKey(project: string, endpoint: string) {
  return useMutation({
    mutationFn: (keyId: string) =>
      body(
        api.DELETE("/api/v1/projects/{project}/endpoints/{endpoint}/keys/{key_id}", {
          params: { path: { project, endpoint, key_id: keyId } },
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

/** Sends a photo to the endpoint and returns its answer. */
export function useScore(project: string, endpoint: string) {
  return useMutation({
    meta: { silent: true },
    mutationFn: ({ file, deployment }: { file: Blob; deployment: string | null }) =>
      body(
        api.POST("/api/v1/projects/{project}/endpoints/{endpoint}/score", {
          params: { path: { project, endpoint }, query: deployment === null ? {} : { deployment } },
          body: file as unknown as string,
          bodySerializer: () => file,
          headers: { "Content-Type": file.type || "application/octet-stream" },
        }),
      ),
  });
}
