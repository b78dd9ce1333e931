import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "endpoints", lazy: () => import("./EndpointsPage") },
  {
    path: "endpoints/:endpoint",
    lazy: () => import("./EndpointPage"),
    children: [
      { index: true, lazy: () => import("./TrafficTab") },
      { path: "try", lazy: () => import("./TryTab") },
      { path: "keys", lazy: () => import("./KeysTab") },
      { path: "log", lazy: () => import("./ProcessTab") },
    ],
  },
];
