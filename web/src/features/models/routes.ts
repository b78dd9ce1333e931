import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "models", lazy: () => import("./ModelsPage") },
  { path: "models/:model", lazy: () => import("./ModelPage") },
  {
    path: "models/:model/versions/:version",
    lazy: () => import("./VersionPage"),
    children: [
      { index: true, lazy: () => import("./EvidenceTab") },
      { path: "lineage", lazy: () => import("./LineageTab") },
      { path: "card", lazy: () => import("./CardTab") },
      { path: "package", lazy: () => import("./PackageTab") },
    ],
  },
];
