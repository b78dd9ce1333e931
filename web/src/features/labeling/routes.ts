import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "labeling", lazy: () => import("./QueuesPage") },
  { path: "labeling/work", lazy: () => import("./WorkPage") },
];
