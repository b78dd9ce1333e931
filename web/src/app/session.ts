import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import { ApiError } from "@/api/problem";

/** Who is signed in, with grants; `null` when nobody is. */
export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: async () => {
      try {
        return await body(api.GET("/api/v1/me"));
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Roles of the signed-in user in a project, over all workspaces, sorted, "admin" first. */
export function useRoles(project: string): string[] {
  const me = useMe().data;
  if (!me) return [];
  const roles = me.grants
    .filter((grant) => grant.project === project || grant.project === "*")
    .map((grant) => grant.role);
  const unique = [...new Set(roles)].sort();
  return me.is_admin ? ["admin", ...unique.filter((role) => role !== "admin")] : unique;
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    meta: { silent: true },
    mutationFn: (credentials: { name: string; password: string }) =>
      body(api.POST("/api/v1/session", { body: credentials })),
    onSuccess: () => client.resetQueries(),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/session")),
    onSettled: () => {
      client.setQueryData(["me"], null);
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
    },
  });
}
