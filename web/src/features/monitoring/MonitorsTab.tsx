import { useNavigate } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { Sparkline } from "@/ui/Chart";
import { Command } from "@/ui/Command";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { percent, plural } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { AlertList } from "./AlertList";
import { type Monitor, useAlerts, useMonitors, useWindows } from "./queries";

export function Component() {
  const project = useProject();
  const navigate = useNavigate();
  const open = useAlerts(project, "open");
  return (
    <>
      <Panel flush title="Monitors">
        <DataTable
          query={useMonitors(project)}
          rowKey={(monitor) => monitor.id}
          columns={COLUMNS}
          onOpen={(monitor) => void navigate(projectPath(project, `/monitoring/monitors/${monitor.name}`))}
          empty={
            <EmptyState title="No monitor yet">
              Declare one in the monitors section of visionloop.yaml and apply it.
              <Command>visionloop apply visionloop.yaml</Command>
            </EmptyState>
          }
        />
      </Panel>
      {open.data && open.data.length > 0 && (
        <Panel flush title="Open alerts">
          <AlertList query={open} />
        </Panel>
      )}
    </>
  );
}

const COLUMNS: Column<Monitor>[] = [
  {
    key: "name",
    title: "Monitor",
    cell: (monitor) => (
      <>
        <strong>{monitor.name}</strong>
        <div className="vl-dim">
          {monitor.endpoint}
          {monitor.deployment !== null && `, ${monitor.deployment}`}
        </div>
      </>
    ),
  },
  { key: "state", title: "Last window", cell: (monitor) => <LastState monitor={monitor} /> },
  { key: "accuracy", title: "Estimated accuracy", cell: (monitor) => <Accuracy monitor={monitor} /> },
  {
    key: "settings",
    title: "Evaluates",
    cell: ({ settings }) => (
      <>
        {plural(settings.window_size, "image")} every {plural(settings.every_requests, "request")}
      </>
    ),
  },
  {
    key: "enabled",
    title: "",
    align: "right",
    cell: (monitor) => (monitor.is_enabled ? null : <StateBadge state="paused" />),
  },
];

function LastState({ monitor }: { monitor: Monitor }) {
  const latest = useWindows(useProject(), monitor.name, 20).data?.[0];
  if (latest === undefined) return <span className="vl-dim">none yet</span>;
  return (
    <>
      <StateBadge state={latest.state} /> <Time iso={latest.created_at} />
    </>
  );
}

function Accuracy({ monitor }: { monitor: Monitor }) {
  const windows = useWindows(useProject(), monitor.name, 20).data ?? [];
  const values = windows.flatMap((item) => (item.performance ? [item.performance.value] : [])).reverse();
  const last = values.at(-1);
  if (last === undefined) return <span className="vl-dim">–</span>;
  return (
    <div style={{ display: "flex", alignItems: "center", gap: 12 }}>
      <span>{percent(last)}</span>
      <Sparkline w={120} h={26} data={values} color="accent.5" fillOpacity={0.12} strokeWidth={1.6} />
    </div>
  );
}
