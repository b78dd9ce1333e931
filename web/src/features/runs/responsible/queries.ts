import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type ResponsibleReport = Schemas["ResponsibleReportOut"];
export type Content = Schemas["ResponsibleContentOut"];
export type Gap = Schemas["GapOut"];
export type TreeNode = Schemas["TreeNodeOut"];
export type Explanation = Schemas["ExplanationOut"];

/** The newest report of an evaluation; an error that says "not found" means that there is none. */
export function useResponsibleReport(project: string, evaluationId: string) {
  return useQuery({
    queryKey: [project, "evaluations", "responsible", evaluationId],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/evaluations/{evaluation_id}/responsible", {
          params: { path: { project, evaluation_id: evaluationId } },
        }),
      ),
    retry: false,
  });
}

export function useStartReport(project: string, evaluationId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/projects/{project}/evaluations/{evaluation_id}/responsible", {
          params: { path: { project, evaluation_id: evaluationId } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [project, "jobs", "responsible"] }),
  });
}

/** The job that makes the report of an evaluation, the newest one. */
export function useReportJob(project: string, evaluationId: string) {
  return useQuery({
    queryKey: [project, "jobs", "responsible", evaluationId],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/jobs", {
          params: { path: { project }, query: { kind: "responsible_report", limit: 50 } },
        }),
      ),
    select: (page) => page.items.find((job) => job.inputs.evaluation_id === evaluationId),
    refetchInterval: LIVE_MS,
  });
}

export function cardUrl(project: string, evaluationId: string): string {
  const path = `/api/v1/projects/${encodeURIComponent(project)}/evaluations`;
  return `${path}/${encodeURIComponent(evaluationId)}/responsible/card`;
}
