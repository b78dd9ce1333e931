import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";

import classes from "./AddressTabs.module.css";

export interface Tab {
  key: string;
  title: string;
  /** A figure beside the title, for example how many are open. */
  count?: number;
  content: () => ReactNode;
}

/** Tabs whose choice stands in the address (?tab=), so that a link opens the same view. */
export function AddressTabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const [search, setSearch] = useSearchParams();
  const wanted = search.get("tab");
  const current = tabs.find((tab) => tab.key === wanted) ?? tabs[0];
  if (!current) return null;
  return (
    <Tabs
      value={current.key}
      onChange={(key) => { if (key) setSearch({ tab: key }, { replace: true }); }}
      keepMounted={false}
      classNames={{ tab: classes.tab, panel: classes.panel }}
    >
      <Tabs.List aria-label={label}>
        {tabs.map((tab) => (
          <Tabs.Tab
            key={tab.key}
            value={tab.key}
            rightSection={tab.count ? <span className={classes.count}>{tab.count}</span> : undefined}
          >
            {tab.title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={current.key}>{current.content()}</Tabs.Panel>
    </Tabs>
  );
}
