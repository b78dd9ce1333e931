import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "data",
    lazy: () => import("./DataLayout"),
    children: [
      { index: true, lazy: () => import("./ImagesTab") },
      { path: "versions", lazy: () => import("./versions/VersionsTab") },
      { path: "sources", lazy: () => import("./sources/SourcesTab") },
    ],
  },
  {
    path: "data/versions/:version",
    lazy: () => import("./versions/VersionPage"),
    children: [
      { index: true, lazy: () => import("./versions/OverviewTab") },
      { path: "images", lazy: () => import("./versions/FrozenTab") },
      { path: "changes", lazy: () => import("./versions/ChangesTab") },
      { path: "leakage", lazy: () => import("./versions/LeakageTab") },
      { path: "lineage", lazy: () => import("./versions/LineageTab") },
    ],
  },
];
