import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { api, body } from "@/api/client";

import type { ImageFilter } from "../queries";

const IMAGES_PER_PAGE = 24;

export function useRunEvaluations(project: string, runId: string) {
  return useQuery({
    queryKey: [project, "evaluations", "of-run", runId],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/evaluations", {
          params: { path: { project }, query: { run_id: runId } },
        }),
      ),
    select: (page) => page.items,
  });
}

export function useEvaluation(project: string, evaluationId: string | null) {
  return useQuery({
    queryKey: [project, "evaluations", "one", evaluationId],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/evaluations/{evaluation_id}", {
          params: { path: { project, evaluation_id: evaluationId ?? "" } },
        }),
      ),
    enabled: evaluationId !== null,
    staleTime: Infinity,
  });
}

/** Images of an evaluation by falling loss, page by page. */
export function useEvaluatedImages(project: string, evaluationId: string, filter: ImageFilter) {
  return useInfiniteQuery({
    queryKey: [project, "evaluations", "images", evaluationId, filter],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/evaluations/{evaluation_id}/images", {
          params: {
            path: { project, evaluation_id: evaluationId },
            query: { ...filter, limit: IMAGES_PER_PAGE, offset: pageParam },
          },
        }),
      ),
    getNextPageParam: (page, pages) => {
      const loaded = pages.reduce((sum, each) => sum + each.items.length, 0);
      return loaded < page.total ? loaded : undefined;
    },
    staleTime: Infinity,
  });
}

/** Two models on the same images, image by image. */
export function useModelComparison(project: string, baseline: string | null, candidate: string | null) {
  return useQuery({
    queryKey: [project, "evaluations", "compare", baseline, candidate],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/evaluations/compare", {
          params: { path: { project }, query: { baseline: baseline ?? "", candidate: candidate ?? "" } },
        }),
      ),
    enabled: baseline !== null && candidate !== null,
    retry: false,
  });
}
