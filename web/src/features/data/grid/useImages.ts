import { type QueryClient, queryOptions, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS } from "@/app/queryClient";

import type { ImageFilters } from "../filter/filters";
import { readShapes, type Shape } from "../overlay/shapes";
import type { ImageSummary } from "../queries";
import { span } from "./selection";

type ImageList = components["schemas"]["ImageList"];
type AnnotationSet = components["schemas"]["AnnotationSetOut"];

/** Images come in blocks of this many; a screen takes one to three. */
export const BLOCK = 100;
/** Labels of crowded images are large, so they come in smaller helpings. */
const LABELS_BLOCK = 25;
/** Blocks that were scrolled past are forgotten after a while; a million rows must not pile up. */
const KEPT_MS = 120_000;

function blockKey(project: string, filters: ImageFilters, block: number) {
  return [project, "images", filters, block];
}

function blockOptions(project: string, filters: ImageFilters, block: number) {
  return queryOptions({
    queryKey: blockKey(project, filters, block),
    queryFn: ({ signal, client }) => {
      // Going on from the block before is fast wherever that is; a jump has to count its way there.
      const before = client.getQueryData<ImageList>(blockKey(project, filters, block - 1));
      const place = before?.next ? { cursor: before.next } : { offset: block * BLOCK };
      return body(
        api.GET("/api/v1/projects/{project}/images", {
          signal,
          params: { path: { project }, query: { ...filters, limit: BLOCK, ...place } },
        }),
      ) as Promise<ImageList>;
    },
    staleTime: CALM_MS,
    gcTime: KEPT_MS,
  });
}

/** How many images there are, and whether that is only about right yet. */
export function useTotal(project: string, filters: ImageFilters) {
  const first = useQuery({ ...blockOptions(project, filters, 0), refetchInterval: CALM_MS });
  const isEstimate = first.data !== undefined && !first.data.total_is_exact;
  const exact = useQuery({
    queryKey: [project, "images", filters, "exact"],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/images", {
          signal,
          params: { path: { project }, query: { ...filters, limit: 1, exact: true } },
        }),
      ),
    enabled: isEstimate,
    staleTime: KEPT_MS,
  });
  return { first, total: exact.data?.total ?? first.data?.total, isEstimate: isEstimate && exact.data === undefined };
}

export type Loaded = (index: number) => ImageSummary | undefined;

/** The images of these indices, as far as they have arrived. */
export function useImagesAt(project: string, filters: ImageFilters, indices: readonly number[]): Loaded {
  const blocks = [...new Set(indices.map((index) => Math.floor(index / BLOCK)))].sort((a, b) => a - b);
  return useQueries({
    queries: blocks.map((block) => blockOptions(project, filters, block)),
    combine: (results): Loaded => {
      const items = new Map(blocks.map((block, at) => [block, results[at]?.data?.items]));
      return (index) => items.get(Math.floor(index / BLOCK))?.[index % BLOCK];
    },
  });
}

/** Asks for the ids of a range of images, wherever in the list it is. */
export function useIdsBetween(project: string, filters: ImageFilters) {
  const client: QueryClient = useQueryClient();
  return async (from: number, to: number): Promise<string[]> => {
    const indices = span(from, to);
    const blocks = [...new Set(indices.map((index) => Math.floor(index / BLOCK)))];
    const lists = await Promise.all(
      blocks.map((block) => client.ensureQueryData(blockOptions(project, filters, block))),
    );
    const items = new Map(blocks.map((block, at) => [block, lists[at]?.items]));
    return indices.flatMap((index) => items.get(Math.floor(index / BLOCK))?.[index % BLOCK]?.id ?? []);
  };
}

function labelsOptions(project: string, ids: readonly string[]) {
  return queryOptions({
    queryKey: [project, "annotations", ids],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/annotations", {
          signal,
          params: { path: { project }, query: { image_id: [...ids] } },
        }),
      ) as Promise<{ items: AnnotationSet[] }>,
    staleTime: CALM_MS,
    gcTime: KEPT_MS,
  });
}

/** Labels already turned into shapes, as long as the answer that held them is kept. */
const shapesOf = new WeakMap<AnnotationSet, Shape[]>();

function cachedShapes(set: AnnotationSet): Shape[] {
  const known = shapesOf.get(set) ?? readShapes(set.annotations);
  shapesOf.set(set, known);
  return known;
}

/**
 * What is drawn over the images of these indices, by image.
 *
 * While `asking` is false, only what arrived before is returned.
 */
export function useShapes(
  project: string,
  indices: readonly number[],
  loaded: Loaded,
  asking: boolean,
): ReadonlyMap<string, Shape[]> {
  const helpings = [...new Set(indices.map((index) => Math.floor(index / LABELS_BLOCK)))]
    .map((helping) => labeledIds(helping, loaded))
    .filter((ids) => ids.length > 0);
  return useQueries({
    queries: helpings.map((ids) => ({ ...labelsOptions(project, ids), enabled: asking })),
    combine: (results) => {
      const sets = results.flatMap((result) => result.data?.items ?? []);
      return new Map(sets.map((set) => [set.image_id, cachedShapes(set)]));
    },
  });
}

/** Those of one helping that have labels; the same helping is the same call, wherever the window is. */
function labeledIds(helping: number, loaded: Loaded): string[] {
  const first = helping * LABELS_BLOCK;
  return span(first, first + LABELS_BLOCK - 1).flatMap((index) => {
    const image = loaded(index);
    return image !== undefined && image.num_annotations > 0 ? [image.id] : [];
  });
}
