import { useQuery } from "@tanstack/react-query";

import { api, body } from "@/api/client";
import { CALM_MS, LIVE_MS } from "@/app/queryClient";

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

/** The newest images of the project, shown in the data estate. */
export function useNewestImages(project: string) {
  return useQuery({
    queryKey: [project, "images", "newest"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/images", {
          params: { path: { project }, query: { sort: "-created", limit: 4 } },
        }),
      ),
    select: (page) => page.items.map((image) => image.id),
    refetchInterval: CALM_MS,
  });
}

/** Images that production found hard, in the order in which labelers get them. */
export function usePoorImages(project: string) {
  return useQuery({
    queryKey: [project, "labeling", "poor"],
    queryFn: () =>
      body(
        api.GET("/api/v1/projects/{project}/labeling/tasks", {
          params: { path: { project }, query: { queue: "review_queue", limit: 6 } },
        }),
      ),
    select: (page) => page.items.map((task) => task.image_id),
    refetchInterval: CALM_MS,
  });
}

/** Estimated accuracy over time of the first monitor that has one. */
export function useEstimates(project: string) {
  return useQuery({
    queryKey: [project, "monitors", "estimates"],
    queryFn: async () => {
      const path = { project };
      const monitors = await body(
        api.GET("/api/v1/projects/{project}/monitors", { params: { path } }),
      );
      const name = monitors.items[0]?.name;
      if (name === undefined) return [];
      const timeline = await body(
        api.GET("/api/v1/projects/{project}/monitors/{name}/performance", {
          params: { path: { project, name } },
        }),
      );
      return timeline.items;
    },
    select: (points) =>
      points
        .filter((point) => point.estimate !== null)
        .toSorted((a, b) => a.time.localeCompare(b.time))
        .slice(-40)
        .map((point) => point.estimate?.value ?? 0),
    refetchInterval: CALM_MS,
  });
}
