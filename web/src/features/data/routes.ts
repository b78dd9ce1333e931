import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "data",
    lazy: () => import("./DataLayout"),
    children: [
      { index: true, lazy: () => import("./ImagesTab") },
      { path: "versions", lazy: () => import("./VersionsTab") },
      { path: "versions/:version", lazy: () => import("./VersionPage") },
      { path: "sources", lazy: () => import("./SourcesTab") },
    ],
  },
];
