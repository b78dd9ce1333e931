import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import { thumbnailUrl } from "@/api/images";
import type { components } from "@/api/schema";
import { CALM_MS } from "@/app/queryClient";

export { thumbnailUrl };

type Schemas = components["schemas"];
export type ImageSummary = Schemas["ImageSummaryOut"];
export type ImageDetail = Schemas["ImageDetailOut"];

export function useSummary(project: string) {
  return useQuery({
    queryKey: [project, "data", "summary"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/data/summary", { params: { path: { project } } })),
    refetchInterval: CALM_MS,
  });
}

function imageOptions(project: string, imageId: string) {
  return queryOptions({
    queryKey: [project, "image", imageId],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/images/{image_id}", {
          params: { path: { project, image_id: imageId } },
        }),
        // The client widens the tuple of a box to a list.
      ) as Promise<ImageDetail>,
  });
}

export function useImage(project: string, imageId: string | null) {
  return useQuery({
    ...imageOptions(project, imageId ?? ""),
    enabled: imageId !== null,
    placeholderData: keepPreviousData,
  });
}

/** Asks for an image ahead of time, so that going on to it takes no wait. */
export function usePrefetch(project: string) {
  const client = useQueryClient();
  return (imageId: string | undefined) => {
    if (imageId === undefined) return;
    void client.prefetchQuery({ ...imageOptions(project, imageId), staleTime: CALM_MS });
    new Image().src = thumbnailUrl(project, imageId, 1024);
  };
}

/** What became of an image in the whole loop. */
export function useLineage(project: string, imageId: string) {
  return useQuery({
    queryKey: [project, "image", imageId, "lineage"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/images/{image_id}/lineage", {
          params: { path: { project, image_id: imageId } },
        }),
      ),
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

/** Images by id, or all that a filter chooses. */
export type SelectionIn = Schemas["SelectionIn"];

function useImagesChanged(project: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [project] });
}

export function useTags(project: string) {
  return useQuery({
    queryKey: [project, "tags"],
    queryFn: () => body(api.GET("/api/v1/projects/{project}/tags", { params: { path: { project } } })),
  });
}

interface TagChange {
  selection: SelectionIn;
  add: string[];
  remove: string[];
}

export function useChangeTags(project: string) {
  const changed = useImagesChanged(project);
  return useMutation({
    mutationFn: (change: TagChange) =>
      body(api.POST("/api/v1/projects/{project}/tags", { params: { path: { project } }, body: change })),
    onSuccess: changed,
  });
}

interface Exclusion {
  selection: SelectionIn;
  reason: string;
}

/** Takes many images out of future versions. */
export function useExcludeMany(project: string) {
  const changed = useImagesChanged(project);
  return useMutation({
    mutationFn: (values: Exclusion) =>
      body(
        api.POST("/api/v1/projects/{project}/images/exclude", {
          params: { path: { project } },
          body: values,
        }),
      ),
    onSuccess: changed,
  });
}

export function useRestoreMany(project: string) {
  const changed = useImagesChanged(project);
  return useMutation({
    mutationFn: (selection: SelectionIn) =>
      body(
        api.POST("/api/v1/projects/{project}/images/restore", {
          params: { path: { project } },
          body: { selection },
        }),
      ),
    onSuccess: changed,
  });
}

interface Order {
  selection: SelectionIn;
  count: number;
  queue: string;
  assignee: string | null;
}

/** So many tasks are made in one go; the same selection again queues the next. */
const MAX_TASKS = 20_000;

/** Queues images for labeling. */
export function useQueueImages(project: string) {
  const changed = useImagesChanged(project);
  return useMutation({
    mutationFn: ({ selection, count, queue, assignee }: Order) =>
      body(
        api.POST("/api/v1/projects/{project}/labeling/tasks", {
          params: { path: { project } },
          body: {
            image_ids: selection.image_ids ?? [],
            filter: selection.filter ?? null,
            limit: Math.min(Math.max(count, 1), MAX_TASKS),
            queue,
            assignee,
          },
        }),
      ),
    onSuccess: changed,
  });
}
