import { createBrowserRouter, type RouteObject } from "react-router";

import { NotFound, RouteFailed } from "@/app/failures";
import { ProjectIndex } from "@/app/ProjectIndex";
import { Shell } from "@/app/Shell";

// Every feature folder lists its own lazy pages in routes.ts; nothing else to register.
const features = import.meta.glob<{ routes: RouteObject[] }>("../features/*/routes.ts", {
  eager: true,
});
const featureRoutes = Object.values(features).flatMap((feature) => feature.routes);

export const router = createBrowserRouter([
  {
    errorElement: <RouteFailed />,
    HydrateFallback: () => null,
    children: [
      { path: "/login", lazy: () => import("@/app/Login") },
      { path: "/", element: <ProjectIndex /> },
      {
        path: "/projects/:project",
        element: <Shell />,
        children: [
          {
            errorElement: <RouteFailed />,
            children: [...featureRoutes, { path: "*", element: <NotFound /> }],
          },
        ],
      },
      // A short link such as /runs/123 opens in the project used last.
      { path: "*", element: <ProjectIndex /> },
    ],
  },
]);
