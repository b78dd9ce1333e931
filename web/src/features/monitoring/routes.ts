import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "monitoring",
    lazy: () => import("./MonitoringPage"),
    children: [
      { index: true, lazy: () => import("./MonitorsTab") },
      { path: "alerts", lazy: () => import("./AlertsTab") },
      { path: "drills", lazy: () => import("./DrillsTab") },
      { path: "infrastructure", lazy: () => import("./InfrastructureTab") },
    ],
  },
  {
    path: "monitoring/monitors/:monitor",
    lazy: () => import("./MonitorPage"),
    children: [
      { index: true, lazy: () => import("./TimelineTab") },
      { path: "review", lazy: () => import("./ReviewTab") },
      { path: "requests", lazy: () => import("./RequestsTab") },
      { path: "settings", lazy: () => import("./SettingsTab") },
    ],
  },
];
