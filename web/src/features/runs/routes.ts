import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "runs", lazy: () => import("./RunsPage") },
  { path: "runs/new", lazy: () => import("./StartRunPage") },
  { path: "runs/compare", lazy: () => import("./ComparePage") },
  {
    path: "runs/:runId",
    lazy: () => import("./RunPage"),
    children: [
      { index: true, lazy: () => import("./TrainingTab") },
      { path: "report", lazy: () => import("./report/ReportTab") },
      { path: "responsible", lazy: () => import("./responsible/ResponsibleTab") },
    ],
  },
];
