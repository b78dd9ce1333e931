import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "labeling", lazy: () => import("./QueuesPage") },
  { path: "labeling/projects/:name", lazy: () => import("./projects/ProjectPage") },
  { path: "labeling/schema", lazy: () => import("./schema/SchemaPage") },
  { path: "labeling/work", lazy: () => import("./WorkPage") },
];
