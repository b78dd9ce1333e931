import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { CALM_MS, LIVE_MS } from "@/app/queryClient";

type Schemas = components["schemas"];
export type User = Schemas["UserOut"];
export type Role = Schemas["Role"];
export type Token = Schemas["TokenOut"];
export type Proposal = Schemas["ProposalOut"];
export type Event = Schemas["EventOut"];
export type Job = Schemas["JobOut"];
export type Plan = Schemas["Plan"];

export function useUsers(project: string) {
  return useQuery({
    queryKey: [project, "users"],
    queryFn: () => body(api.GET("/api/v1/users", { params: { query: { project } } })),
    select: (page) => page.items,
  });
}

export function useCreateUser(project: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: async (draft: { name: string; email: string; password: string; roles: RoleGrant[] }) => {
      await body(
        api.POST("/api/v1/users", {
          body: { name: draft.name, email: draft.email || null, password: draft.password, is_admin: false },
        }),
      );
      return putRoles(project, draft.name, draft.roles);
    },
    onSettled: () => client.invalidateQueries({ queryKey: [project, "users"] }),
  });
}

export interface RoleGrant {
  workspace: string;
  role: Role;
}

function putRoles(project: string, name: string, roles: RoleGrant[]) {
  return body(
    api.PUT("/api/v1/projects/{project}/users/{name}/roles", {
      params: { path: { project, name } },
      body: { roles },
    }),
  );
}

export function useGrantRoles(project: string, name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (roles: RoleGrant[]) => putRoles(project, name, roles),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: [project, "users"] }),
        client.invalidateQueries({ queryKey: ["me"] }),
      ]),
  });
}

export function useTokens() {
  return useQuery({
    queryKey: ["tokens"],
    queryFn: () => body(api.GET("/api/v1/tokens")),
    select: (page) => page.items,
  });
}

export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: { name: string; days: number }) => body(api.POST("/api/v1/tokens", { body: draft })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (tokenId: string) =>
      body(api.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id: tokenId } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
}

export function useProposals(project: string) {
  return useQuery({
    queryKey: [project, "proposals"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/proposals", { params: { path: { project } } })),
    select: (page) => page.items,
    refetchInterval: LIVE_MS,
  });
}

export function useDecideProposal(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (choice: { id: string; decision: "approve" | "reject"; reason: string }) => {
      const call = { params: { path: { proposal_id: choice.id } }, body: { reason: choice.reason } };
      return choice.decision === "approve"
        ? body(api.POST("/api/v1/proposals/{proposal_id}/approve", call))
        : body(api.POST("/api/v1/proposals/{proposal_id}/reject", call));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: [project] }),
  });
}

/** State changes, newest first, as many as were asked for; the audit trail. */
export function useEvents(project: string, typePrefix: string, limit: number) {
  return useQuery({
    queryKey: [project, "events", typePrefix, limit],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/events", {
          params: {
            path: { project },
            query: { newest_first: true, limit, type_prefix: typePrefix || undefined },
          },
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });
}

export function useJobs(project: string) {
  return useQuery({
    queryKey: [project, "jobs"],
    queryFn: () => body(api.GET("/api/v1/projects/{project}/jobs", { params: { path: { project } } })),
    select: (page) => page.items,
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

export function useJobLog(jobId: string) {
  return useQuery({
    queryKey: ["job-log", jobId],
    queryFn: () =>
      body(api.GET("/api/v1/jobs/{job_id}/log", { params: { path: { job_id: jobId } } })),
    refetchInterval: LIVE_MS,
  });
}

/** What applying a project file would change. */
export function usePlan() {
  return useMutation({
    meta: { silent: true },
    mutationFn: (content: string) => body(api.POST("/api/v1/spec/plan", { body: { content } })),
  });
}

export function useApply() {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: (content: string) => body(api.POST("/api/v1/spec/apply", { body: { content } })),
    onSuccess: () => client.invalidateQueries(),
  });
}
