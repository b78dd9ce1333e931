import { useQuery } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import { LIVE_MS } from "@/app/queryClient";

/** The state of all ten elements, what runs now and the latest events. */
export function useOverview(project: string) {
  return useQuery({
    queryKey: [project, "overview"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/overview", { params: { path: { project } } })),
    refetchInterval: LIVE_MS,
  });
}

export type Overview = NonNullable<ReturnType<typeof useOverview>["data"]>;
export type ElementState = Overview["elements"][number];
export type RunningItem = Overview["running"][number];
