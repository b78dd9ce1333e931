import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS, LIVE_MS } from "@/app/queryClient";

export { thumbnailUrl } from "@/api/images";

type Schemas = components["schemas"];
export type ImageSummary = Schemas["ImageSummaryOut"];
export type ImageDetail = Schemas["ImageDetailOut"];
export type Version = Schemas["VersionOut"];
export type VersionCreate = Schemas["VersionCreate"];
export type IngestCreate = Schemas["IngestCreate"];
export type Job = Schemas["JobOut"];

export function useSummary(project: string) {
  return useQuery({
    queryKey: [project, "data", "summary"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/data/summary", { params: { path: { project } } })),
    refetchInterval: CALM_MS,
  });
}

export function useImage(project: string, imageId: string | null) {
  return useQuery({
    queryKey: [project, "image", imageId],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/images/{image_id}", {
          params: { path: { project, image_id: imageId ?? "" } },
        }),
        // The client widens the tuple of a box to a list.
      ) as Promise<ImageDetail>,
    enabled: imageId !== null,
  });
}

/** Takes an image out of future versions, or brings it back. */
export function useExclude(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ imageId, exclude }: { imageId: string; exclude: boolean }) => {
      const path = { project, image_id: imageId };
      return exclude
        ? body(
            api.POST("/api/v1/projects/{project}/images/{image_id}/exclude", {
              params: { path },
              body: { reason: "excluded in the console" },
            }),
          )
        : body(
            api.POST("/api/v1/projects/{project}/images/{image_id}/restore", { params: { path } }),
          );
    },
    onSettled: () => client.invalidateQueries({ queryKey: [project] }),
  });
}

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

export function useVerify(project: string, version: string) {
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/dataset-versions/{version}/verify", {
          params: { path: { project, version } },
        }),
      ),
  });
}

export function useVersionImages(project: string, version: string, split: string | null, page: number) {
  return useQuery({
    queryKey: [project, "versions", version, "images", split, page],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/dataset-versions/{version}/images", {
          params: {
            path: { project, version },
            query: {
              split: split as "train" | "val" | "test" | null,
              limit: 24,
              offset: (page - 1) * 24,
            },
          },
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

export function useDatastores(project: string) {
  return useQuery({
    queryKey: [project, "datastores"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/datastores", { params: { path: { project } } })),
  });
}

export function useAddDatastore(project: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: (values: Schemas["DatastoreCreate"]) =>
      body(
        api.POST("/api/v1/projects/{project}/datastores", {
          params: { path: { project } },
          body: values,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "datastores"] }),
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
