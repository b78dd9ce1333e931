import { useState } from "react";
import { useOutletContext, useSearchParams } from "react-router";

import { useProject } from "@/app/project";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { count, number, percent } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { ShowAll } from "@/ui/ShowAll";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { AccuracyChart, DriftChart } from "./Charts";
import classes from "./Monitoring.module.css";
import { type Monitor, type MonitorWindow, usePerformance, useWindows } from "./queries";
import { WindowDetail } from "./WindowDetail";

const FIRST = 10;

/** All windows over time; the chosen one in detail below. */
export function Component() {
  const project = useProject();
  const monitor = useOutletContext<Monitor>();
  const [search, setSearch] = useSearchParams();
  const query = useWindows(project, monitor.name);
  const points = usePerformance(project, monitor.name).data ?? [];
  const [all, setAll] = useState(false);
  const windows = query.data ?? [];
  const chosen = windows.find((item) => item.id === search.get("window")) ?? windows.find((item) => item.drift);
  if (query.data?.length === 0) {
    return (
      <Panel>
        <EmptyState title="No window yet">
          The first evaluation needs {monitor.settings.min_images} images that the endpoint has answered.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <>
      <div className={classes.columns}>
        <DriftChart windows={windows} alpha={monitor.settings.alpha} />
        <AccuracyChart points={points} />
      </div>
      {chosen && <WindowDetail window={chosen} />}
      <Panel title="Windows" flush aside={<ShowAll total={windows.length} first={FIRST} all={all} onChange={setAll} />}>
        <DataTable
          query={{ ...query, data: all ? query.data : query.data?.slice(0, FIRST) }}
          rowKey={(item) => item.id}
          selected={chosen?.id}
          columns={COLUMNS}
          onOpen={(item) => { setSearch({ window: item.id }, { replace: true, preventScrollReset: true }); }}
          empty={null}
        />
      </Panel>
    </>
  );
}

const COLUMNS: Column<MonitorWindow>[] = [
  { key: "time", title: "Evaluated", cell: (item) => <Time iso={item.created_at} /> },
  { key: "state", title: "State", cell: (item) => <StateBadge state={item.state} /> },
  { key: "deployment", title: "Deployment", cell: (item) => item.deployment },
  { key: "images", title: "Images", align: "right", cell: (item) => count(item.num_images) },
  { key: "duplicates", title: "Duplicates", align: "right", cell: (item) => count(item.num_duplicates) },
  { key: "p", title: "p-value", align: "right", cell: (item) => number(item.drift?.p_value) },
  { key: "auc", title: "AUC", align: "right", cell: (item) => number(item.drift?.auc) },
  {
    key: "accuracy",
    title: "Estimated accuracy",
    align: "right",
    cell: (item) => percent(item.performance?.value),
  },
];
