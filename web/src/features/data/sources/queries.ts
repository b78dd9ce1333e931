import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type Datastore = Schemas["DatastoreOut"];
export type DatastoreCheck = Schemas["DatastoreCheckOut"];
export type DatastoreCreate = Schemas["DatastoreCreate"];
export type AuthMethod = Schemas["AuthMethodOut"];
export type IngestCreate = Schemas["IngestCreate"];
export type Job = Schemas["JobOut"];

export function useDatastores(project: string) {
  return useQuery({
    queryKey: [project, "datastores"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/datastores", { params: { path: { project } } })),
  });
}

/** What each kind of store needs to sign in. */
export function useMethods(project: string) {
  return useQuery({
    queryKey: [project, "datastore-methods"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/datastore-methods", { params: { path: { project } } })),
    staleTime: Infinity,
  });
}

function useChanged(project: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [project, "datastores"] });
}

export function useAddDatastore(project: string) {
  const changed = useChanged(project);
  return useMutation({
    meta: { silent: true },
    mutationFn: (values: DatastoreCreate) =>
      body(
        api.POST("/api/v1/projects/{project}/datastores", {
          params: { path: { project } },
          body: values,
        }),
      ),
    onSuccess: changed,
  });
}

export function useRemoveDatastore(project: string) {
  const changed = useChanged(project);
  return useMutation({
    mutationFn: (name: string) =>
      body(
        api.DELETE("/api/v1/projects/{project}/datastores/{name}", {
          params: { path: { project, name } },
        }),
      ),
    onSuccess: changed,
  });
}

export function useRotate(project: string, name: string) {
  const changed = useChanged(project);
  return useMutation({
    meta: { silent: true },
    mutationFn: (credentials: Record<string, string>) =>
      body(
        api.PUT("/api/v1/projects/{project}/datastores/{name}/credentials", {
          params: { path: { project, name } },
          body: { credentials },
        }),
      ),
    onSuccess: changed,
  });
}

export function useTestDatastore(project: string) {
  return useMutation({
    mutationFn: (name: string) =>
      body(
        api.POST("/api/v1/projects/{project}/datastores/{name}/test", {
          params: { path: { project, name } },
        }),
      ),
  });
}

export function useIngestJobs(project: string) {
  return useQuery({
    queryKey: [project, "jobs", "ingest"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/jobs", {
          params: { path: { project }, query: { kind: "ingest", limit: 20 } },
        }),
      ),
    refetchInterval: LIVE_MS,
  });
}

export function useCancelJob(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (jobId: string) =>
      body(api.POST("/api/v1/jobs/{job_id}/cancel", { params: { path: { job_id: jobId } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "jobs"] }),
  });
}

export function useIngest(project: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: (values: IngestCreate) =>
      body(
        api.POST("/api/v1/projects/{project}/ingests", {
          params: { path: { project } },
          body: values,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "jobs"] }),
  });
}
