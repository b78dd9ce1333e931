import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS, LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type Promotion = Schemas["PromotionOut"];
export type PromotionDetail = Schemas["PromotionDetail"];
export type Step = Schemas["PromotionStepOut"];
export type GateResult = Schemas["GateResultOut"];
export type Rollback = Schemas["RollbackOut"];

/** Whether a promotion can still change. */
export function isUnderWay(promotion: Pick<Promotion, "ended_at">): boolean {
  return promotion.ended_at === null;
}

export function usePromotions(project: string) {
  return useQuery({
    queryKey: [project, "promotions"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/promotions", {
          params: { path: { project }, query: { limit: 100 } },
        }),
      ),
    select: (page) => page.items,
    refetchInterval: (query) => (query.state.data?.items.some(isUnderWay) ? LIVE_MS : CALM_MS),
  });
}

export function usePromotion(project: string, promotionId: string) {
  return useQuery({
    queryKey: [project, "promotions", promotionId],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/promotions/{promotion_id}", {
          params: { path: { project, promotion_id: promotionId } },
        }),
      ),
    refetchInterval: (query) => (query.state.data && !isUnderWay(query.state.data) ? false : LIVE_MS),
  });
}

export function useRollbacks(project: string) {
  return useQuery({
    queryKey: [project, "rollbacks"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/rollbacks", { params: { path: { project } } })),
    select: (page) => page.items,
    refetchInterval: CALM_MS,
  });
}

function useRefresh(project: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [project] });
}

export function useStartPromotion(project: string) {
  return useMutation({
    mutationFn: (subject: { model: string; version: number }) =>
      body(
        api.POST("/api/v1/projects/{project}/promotions", {
          params: { path: { project } },
          body: subject,
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

interface Decision {
  decision: "approve" | "reject";
  digest: string;
  reason: string;
}

/** Approves or rejects exactly the package that was looked at. */
export function useDecide(project: string, promotionId: string) {
  return useMutation({
    meta: { silent: true },
    mutationFn: ({ decision, digest, reason }: Decision) => {
      const call = { params: { path: { project, promotion_id: promotionId } }, body: { digest, reason } };
      return decision === "approve"
        ? body(api.POST("/api/v1/projects/{project}/promotions/{promotion_id}/approve", call))
        : body(api.POST("/api/v1/projects/{project}/promotions/{promotion_id}/reject", call));
    },
    onSuccess: useRefresh(project),
  });
}

export function useCancelPromotion(project: string, promotionId: string) {
  return useMutation({
    mutationFn: (reason: string) =>
      body(
        api.POST("/api/v1/projects/{project}/promotions/{promotion_id}/cancel", {
          params: { path: { project, promotion_id: promotionId } },
          body: { reason },
        }),
      ),
    onSuccess: useRefresh(project),
  });
}

export function useRollback(project: string) {
  return useMutation({
    meta: { silent: true },
    mutationFn: (reason: string) =>
      body(
        api.POST("/api/v1/projects/{project}/rollbacks", {
          params: { path: { project } },
          body: { reason },
        }),
      ),
    onSuccess: useRefresh(project),
  });
}
