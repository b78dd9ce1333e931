import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS, LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type Version = Schemas["VersionOut"];
export type VersionCreate = Schemas["VersionCreate"];
export type ManifestRow = Schemas["ManifestRowOut"];
export type Change = Schemas["ImageChangeOut"];
export type ChangeKind = Change["kinds"][number];
export type Split = Schemas["ManifestRowOut"]["split"];
export type VersionLineage = Schemas["VersionLineageOut"];

export const PAGE_SIZE = 24;

export function useVersions(project: string) {
  return useQuery({
    queryKey: [project, "versions"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/dataset-versions", { params: { path: { project } } })),
    refetchInterval: CALM_MS,
  });
}

export function useVersion(project: string, version: string) {
  return useQuery({
    queryKey: [project, "versions", version],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}", {
          params: { path: { project, version } },
        }),
      ),
  });
}

export function useFreeze(project: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: (values: VersionCreate) =>
      body(
        api.POST("/api/v1/projects/{project}/dataset-versions", {
          params: { path: { project } },
          body: values,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project] }),
  });
}

export function useDelete(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (version: string) =>
      body(
        api.DELETE("/api/v1/projects/{project}/dataset-versions/{version}", {
          params: { path: { project, version } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "versions"], exact: true }),
  });
}

/** What changed since another version, in numbers. */
export function useDiff(project: string, version: string, against: string | null) {
  return useQuery({
    queryKey: [project, "versions", version, "diff", against],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}/diff", {
          params: { path: { project, version }, query: { against: against ?? "" } },
        }),
      ),
    enabled: against !== null,
    staleTime: Infinity,
  });
}

interface ChangesQuery {
  against: string;
  kind: ChangeKind | null;
  page: number;
}

/** The images that two versions hold differently, a page at a time. */
export function useChanges(project: string, version: string, { against, kind, page }: ChangesQuery) {
  return useQuery({
    queryKey: [project, "versions", version, "changes", against, kind, page],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}/changes", {
          params: {
            path: { project, version },
            query: { against, kind, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE },
          },
        }),
      ) as Promise<Schemas["ImageChangePage"]>,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

export function useVersionLineage(project: string, version: string) {
  return useQuery({
    queryKey: [project, "versions", version, "lineage"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}/lineage", {
          params: { path: { project, version } },
        }),
      ),
  });
}

/** Verifications of a version, newest first; asked again while one runs. */
export function useVerifications(project: string, version: string) {
  return useQuery({
    queryKey: [project, "versions", version, "verifications"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}/verifications", {
          params: { path: { project, version } },
        }),
      ),
    refetchInterval: (query) => (query.state.data?.items.some(({ state }) => isOpen(state)) ? LIVE_MS / 3 : false),
  });
}

export function isOpen(state: string): boolean {
  return state === "queued" || state === "running";
}

export function useVerify(project: string, version: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/dataset-versions/{version}/verifications", {
          params: { path: { project, version } },
        }),
      ),
    onSuccess: () =>
      client.invalidateQueries({ queryKey: [project, "versions", version, "verifications"] }),
  });
}

export function useSetTag(project: string, version: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: (tag: string) =>
      body(
        api.PUT("/api/v1/projects/{project}/dataset-versions/{version}/tags/{tag}", {
          params: { path: { project, version, tag } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "versions"] }),
  });
}

export function useDeleteTag(project: string, name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (tag: string) =>
      body(
        api.DELETE("/api/v1/projects/{project}/dataset-tags/{name}/{tag}", {
          params: { path: { project, name, tag } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "versions"] }),
  });
}

export function useVersionImages(project: string, version: string, split: Split | null, page: number) {
  return useQuery({
    queryKey: [project, "versions", version, "images", split, page],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}/images", {
          params: {
            path: { project, version },
            query: { split, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE },
          },
        }),
      ) as Promise<Schemas["ManifestPage"]>,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

/** What restoring a version would change: `before` is now, `after` the version. */
export function useRestorePreview(project: string, version: string, enabled: boolean) {
  return useQuery({
    queryKey: [project, "versions", version, "restoration"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}/restoration", {
          params: { path: { project, version }, query: { limit: 12 } },
        }),
      ) as Promise<Schemas["RestorePreviewOut"]>,
    enabled,
    gcTime: 0,
  });
}

export function useRestore(project: string, version: string) {
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/dataset-versions/{version}/restorations", {
          params: { path: { project, version } },
        }),
      ),
  });
}

/** A job that was started here; asked again until it ends. */
export function useJob(jobId: string | undefined) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["job", jobId],
    queryFn: async () => {
      const job = await body(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: jobId ?? "" } } }));
      if (!isOpen(job.state)) void client.invalidateQueries({ queryKey: [job.project] });
      return job;
    },
    enabled: jobId !== undefined,
    refetchInterval: (query) => (query.state.data === undefined || isOpen(query.state.data.state) ? LIVE_MS / 3 : false),
  });
}

/** What a policy of keeping would delete, or, with `dry_run` false, deletes. */
export function usePrune(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (values: Schemas["RetentionCreate"]) =>
      body(
        api.POST("/api/v1/projects/{project}/dataset-retention", {
          params: { path: { project } },
          body: values,
        }),
      ) as Promise<Schemas["RetentionOut"]>,
    onSuccess: (report) =>
      report.applied ? client.invalidateQueries({ queryKey: [project, "versions"] }) : undefined,
  });
}

export type LeakKind = Schemas["LeakPairOut"]["kind"];
export type LeakPair = Schemas["LeakPairOut"];

/** Pairs of images that must not lie in two splits. */
export function useLeakage(project: string, version: string, kind: LeakKind | null, page: number) {
  return useQuery({
    queryKey: [project, "versions", version, "leakage", kind, page],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}/leakage", {
          params: {
            path: { project, version },
            query: { kind, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE },
          },
        }),
      ) as Promise<Schemas["LeakageOut"]>,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}
