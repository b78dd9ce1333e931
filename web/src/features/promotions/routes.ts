import type { RouteObject } from "react-router";

export const routes: RouteObject[] = [
  { path: "promotions", lazy: () => import("./PromotionsPage") },
  { path: "promotions/:promotionId", lazy: () => import("./PromotionPage") },
];
