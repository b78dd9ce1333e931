import { Button, Switch } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { Link, Outlet, useParams } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { useEndpoint } from "@/features/endpoints/queries";
import { Figures } from "@/ui/Facts";
import { number, percent, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { TabLinks } from "@/ui/TabLinks";
import { Time } from "@/ui/Time";

import {
  type Monitor,
  type MonitorWindow,
  useAlerts,
  useMonitor,
  useRunMonitor,
  useUpdateMonitor,
  useWindows,
} from "./queries";

export function Component() {
  const project = useProject();
  const { monitor: name = "" } = useParams();
  const query = useMonitor(project, name);
  const monitor = query.data;
  const address = projectPath(project, `/monitoring/monitors/${name}`);
  return (
    <Page
      title={name}
      lead={
        monitor && (
          <>
            Watches <Link to={projectPath(project, `/endpoints/${monitor.endpoint}`)}>{monitor.endpoint}</Link>
            {monitor.deployment !== null && `, deployment ${monitor.deployment}`}
          </>
        )
      }
      actions={monitor && <Actions project={project} monitor={monitor} />}
    >
      <Loaded query={query}>
        {(found) => (
          <>
            <Latest project={project} monitor={found} />
            <TabLinks
              label="Monitor"
              tabs={[
                { label: "Windows", to: address, end: true },
                { label: "Review queue", to: `${address}/review` },
                { label: "Requests", to: `${address}/requests` },
                { label: "Settings", to: `${address}/settings` },
              ]}
            />
            <Outlet context={found} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ project, monitor }: { project: string; monitor: Monitor }) {
  const update = useUpdateMonitor(project, monitor.name);
  const workspace = useEndpoint(project, monitor.endpoint).data?.workspace;
  const run = useRunMonitor(project, monitor.name);
  return (
    <>
      <Allowed right="operate" workspace={workspace}>
        <Switch
          my="auto"
          mr="sm"
          label="Evaluates by itself"
          checked={monitor.is_enabled}
          disabled={update.isPending}
          onChange={(event) => { update.mutate({ is_enabled: event.currentTarget.checked }); }}
        />
      </Allowed>
      <Allowed right="watch">
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} />}
          loading={run.isPending}
          onClick={() => { run.mutate(); }}
        >
          Evaluate now
        </Button>
      </Allowed>
    </>
  );
}

function Latest({ project, monitor }: { project: string; monitor: Monitor }) {
  const latest = useWindows(project, monitor.name).data?.[0];
  const alerts = useAlerts(project, "open").data ?? [];
  const mine = alerts.filter((alert) => alert.monitor_id === monitor.id).length;
  return (
    <Figures
      items={[
        {
          label: "Last window",
          value: latest ? <StateBadge state={latest.state} /> : "–",
          note: latest && <Time iso={latest.created_at} />,
        },
        ...driftFigures(latest),
        {
          label: "Open alerts",
          value: mine === 0 ? "none" : <Link to={projectPath(project, "/monitoring/alerts")}>{mine}</Link>,
        },
      ]}
    />
  );
}

function driftFigures(latest: MonitorWindow | undefined) {
  const drift = latest?.drift;
  const performance = latest?.performance;
  return [
    {
      label: "Drift p-value",
      value: drift ? number(drift.p_value) : "–",
      note: drift ? `alarm below ${number(drift.alpha)}` : undefined,
    },
    {
      label: "Effect size (AUC)",
      value: drift ? drift.auc.toFixed(2) : "–",
      note: "0.5 is no difference",
    },
    {
      label: "Estimated accuracy",
      value: percent(performance?.value),
      note: performance
        ? performance.is_extrapolating
          ? "extrapolating, labels needed"
          : `reference ${percent(performance.reference)}`
        : undefined,
    },
    {
      label: "Images in window",
      value: latest ? String(latest.num_images) : "–",
      note: latest ? plural(latest.num_duplicates, "duplicate") + " removed" : undefined,
    },
  ];
}
