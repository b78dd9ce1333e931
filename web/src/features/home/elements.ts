import {
  IconActivityHeartbeat,
  IconAlertHexagon,
  IconBox,
  IconDatabase,
  IconFlask2,
  IconInfinity,
  IconPhotoExclamation,
  IconRefreshDot,
  IconServer2,
  IconSettings,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

export const KEYS = [
  "data_estate",
  "administration",
  "inner_loop",
  "registry",
  "outer_loop",
  "staging",
  "production",
  "monitoring",
  "model_data_events",
  "infrastructure_events",
] as const;

export type ElementKey = (typeof KEYS)[number];

export interface Element {
  key: ElementKey;
  number: number;
  title: string;
  /** The role that answers for it. */
  owner: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  /** Where the box leads when the server has not said so yet. */
  link: string;
}

function element(
  key: ElementKey,
  title: string,
  owner: string,
  look: Pick<Element, "icon" | "link">,
): Element {
  return { key, number: KEYS.indexOf(key) + 1, title, owner, ...look };
}

/** The ten elements of the reference architecture, numbered as it numbers them. */
export const ELEMENTS: Record<ElementKey, Element> = {
  data_estate: element("data_estate", "Data estate", "Data engineer", {
    icon: IconDatabase,
    link: "/data",
  }),
  administration: element("administration", "Administration", "Infra team", {
    icon: IconSettings,
    link: "/administration",
  }),
  inner_loop: element("inner_loop", "Model development", "Data scientist", {
    icon: IconRefreshDot,
    link: "/runs",
  }),
  registry: element("registry", "Registry", "ML engineer", { icon: IconBox, link: "/models" }),
  outer_loop: element("outer_loop", "Model deployment", "ML engineer", {
    icon: IconInfinity,
    link: "/promotions",
  }),
  staging: element("staging", "Staging and test", "ML engineer", {
    icon: IconFlask2,
    link: "/promotions",
  }),
  production: element("production", "Production", "Approver, ML engineer", {
    icon: IconServer2,
    link: "/endpoints",
  }),
  monitoring: element("monitoring", "Monitoring", "ML engineer", {
    icon: IconActivityHeartbeat,
    link: "/monitoring",
  }),
  model_data_events: element("model_data_events", "Model and data events", "Labeler", {
    icon: IconPhotoExclamation,
    link: "/labeling",
  }),
  infrastructure_events: element(
    "infrastructure_events",
    "Infrastructure events",
    "Infra team",
    { icon: IconAlertHexagon, link: "/monitoring/infrastructure" },
  ),
};
