import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type Facet = Schemas["FacetOut"];
export type SavedView = Schemas["ViewOut"];

/** What the filter language can ask about. */
export function useFields(project: string) {
  return useQuery({
    queryKey: [project, "image-fields"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/image-fields", { params: { path: { project } } })),
    staleTime: Infinity,
  });
}

/** How many of the chosen images have each value of each field. */
export function useFacets(project: string, where: readonly string[], fields?: readonly string[]) {
  return useQuery({
    queryKey: [project, "image-facets", where, fields],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/image-facets", {
          signal,
          params: {
            path: { project },
            query: { where: [...where], field: fields === undefined ? undefined : [...fields], max_values: 60 },
          },
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: CALM_MS,
    enabled: fields?.length !== 0,
  });
}

export function useHistogram(project: string, where: readonly string[], field: string) {
  return useQuery({
    queryKey: [project, "image-histogram", where, field],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/image-histogram", {
          signal,
          params: { path: { project }, query: { where: [...where], field, bins: 24 } },
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: CALM_MS,
  });
}

/** Returns the canonical text of a filter, or throws what is wrong with it. */
export function useCheckFilter(project: string) {
  return useMutation({
    meta: { silent: true },
    mutationFn: (filter: string) =>
      body(
        api.GET("/api/v1/projects/{project}/image-filters/check", {
          params: { path: { project }, query: { filter } },
        }),
      ),
  });
}

export function useViews(project: string) {
  return useQuery({
    queryKey: [project, "image-views"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/image-views", { params: { path: { project } } })),
  });
}

interface NamedView {
  name: string;
  view: Schemas["ViewSave"];
}

export function useSaveView(project: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: ({ name, view }: NamedView) =>
      body(
        api.PUT("/api/v1/projects/{project}/image-views/{name}", {
          params: { path: { project, name } },
          body: view,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "image-views"] }),
  });
}

export function useDeleteView(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      body(
        api.DELETE("/api/v1/projects/{project}/image-views/{name}", {
          params: { path: { project, name } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "image-views"] }),
  });
}
