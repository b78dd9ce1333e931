import { NavLink } from "react-router";

import classes from "./TabLinks.module.css";

interface TabLinksProps {
  label: string;
  /** `count` is a figure beside the title, for example how many are open. */
  tabs: readonly { label: string; to: string; end?: boolean; count?: number }[];
}

/** Tabs that are addresses: they can be shared, opened in a new tab and walked back. */
export function TabLinks({ label, tabs }: TabLinksProps) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <NavLink key={tab.to} to={tab.to} end={tab.end} className={classes.tab}>
          {tab.label}
          {tab.count ? <span className={classes.count}>{tab.count}</span> : null}
        </NavLink>
      ))}
    </nav>
  );
}
