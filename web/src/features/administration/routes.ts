import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  {
    path: "administration",
    lazy: () => import("./AdministrationPage"),
    children: [
      { index: true, lazy: () => import("./ProjectTab") },
      { path: "users", lazy: () => import("./UsersTab") },
      { path: "tokens", lazy: () => import("./TokensTab") },
      { path: "proposals", lazy: () => import("./ProposalsTab") },
      { path: "events", lazy: () => import("./EventsTab") },
      { path: "jobs", lazy: () => import("./JobsTab") },
      { path: "setup", lazy: () => import("./SetupTab") },
    ],
  },
];
