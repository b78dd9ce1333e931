import { ActionIcon, Tooltip } from "@mantine/core";
import {
  IconActivityHeartbeat,
  IconBox,
  IconChartLine,
  IconGitPullRequest,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconPhoto,
  IconServer2,
  IconSettings,
  IconTags,
  IconTopologyRing2,
} from "@tabler/icons-react";
import { Link, NavLink } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { Mark } from "@/ui/Mark";

import classes from "./Navigation.module.css";

const PAGES = [
  { label: "Home", link: "", icon: IconTopologyRing2 },
  { label: "Data", link: "/data", icon: IconPhoto },
  { label: "Labeling", link: "/labeling", icon: IconTags },
  { label: "Runs", link: "/runs", icon: IconChartLine },
  { label: "Models", link: "/models", icon: IconBox },
  { label: "Promotions", link: "/promotions", icon: IconGitPullRequest },
  { label: "Endpoints", link: "/endpoints", icon: IconServer2 },
  { label: "Monitoring", link: "/monitoring", icon: IconActivityHeartbeat },
  { label: "Administration", link: "/administration", icon: IconSettings },
];

export function Navigation({ narrow, onToggle }: { narrow: boolean; onToggle: () => void }) {
  const project = useProject();
  const Toggle = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav className={classes.nav} aria-label="Main" data-narrow={narrow || undefined}>
      <Link className={classes.brand} to={projectPath(project, "")} aria-label="Visionloop home">
        <Mark size={24} />
        <span className={classes.text}>Visionloop</span>
      </Link>
      <ul className={classes.list}>
        {PAGES.map(({ label, link, icon: Icon }) => (
          <li key={label}>
            <NavLink
              to={projectPath(project, link)}
              end={link === ""}
              className={classes.item}
              // The text is not there while the navigation is narrow.
              aria-label={label}
            >
              <Icon size={18} stroke={1.7} aria-hidden />
              <span className={classes.text}>{label}</span>
              <span className={classes.tip} aria-hidden>
                {label}
              </span>
            </NavLink>
          </li>
        ))}
      </ul>
      <div className={classes.foot}>
        <Tooltip label={narrow ? "Widen the navigation" : "Narrow the navigation"} position="right">
          <ActionIcon
            onClick={onToggle}
            aria-label={narrow ? "Widen the navigation" : "Narrow the navigation"}
          >
            <Toggle size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </div>
    </nav>
  );
}
