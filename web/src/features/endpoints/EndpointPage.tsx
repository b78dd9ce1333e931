import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle, IconPlayerPlay } from "@tabler/icons-react";
import { Outlet, useParams } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Figures } from "@/ui/Facts";
import { count, duration, percent, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { TabLinks } from "@/ui/TabLinks";

import { milliseconds } from "./Live";
import { type Endpoint, type EndpointHealth, useEndpoint, useHealth, useRestart, useSetState } from "./queries";

export function Component() {
  const project = useProject();
  const { endpoint: name = "" } = useParams();
  const query = useEndpoint(project, name);
  const endpoint = query.data;
  const address = projectPath(project, `/endpoints/${name}`);
  return (
    <Page
      title={name}
      lead={endpoint && <>Online endpoint in {endpoint.workspace}, answers at <span className="vl-mono">{endpoint.url}</span></>}
      actions={endpoint && <Actions project={project} endpoint={endpoint} />}
    >
      <Loaded query={query}>
        {(found) => (
          <>
            <Health project={project} name={name} />
            <TabLinks
              label="Endpoint"
              tabs={[
                { label: "Traffic", to: address, end: true },
                { label: "Try it", to: `${address}/try` },
                { label: "Keys", to: `${address}/keys` },
                { label: "Process", to: `${address}/log` },
              ]}
            />
            <Outlet context={found} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ project, endpoint }: { project: string; endpoint: Endpoint }) {
  const restart = useRestart(project, endpoint.name);
  const setState = useSetState(project, endpoint.name);
  if (endpoint.desired_state === "stopped") {
    return (
      <Allowed right="deploy" workspace={endpoint.workspace}>
        <Button
          leftSection={<IconPlayerPlay size={16} />}
          loading={setState.isPending}
          onClick={() => { setState.mutate("running"); }}
        >
          Start
        </Button>
      </Allowed>
    );
  }
  return (
    <>
      <Allowed right="deploy" workspace={endpoint.workspace}>
        <ConfirmButton
          variant="default"
          color="red"
          loading={setState.isPending}
          question="Clients get no answer until it is started again."
          confirm="Stop the endpoint"
          onConfirm={() => { setState.mutate("stopped"); }}
        >
          Stop
        </ConfirmButton>
      </Allowed>
      <Allowed right="operate" workspace={endpoint.workspace}>
        <ConfirmButton
          variant="default"
          color="accent"
          loading={restart.isPending}
          question="Requests under way are answered first. For a second or two new ones are refused."
          confirm="Restart the endpoint"
          onConfirm={() => { restart.mutate(); }}
        >
          Restart
        </ConfirmButton>
      </Allowed>
    </>
  );
}

function Health({ project, name }: { project: string; name: string }) {
  const query = useHealth(project, name);
  return (
    <Loaded query={query}>
      {(health) => (
        <>
          {health.last_error !== null && health.state !== "healthy" && (
            <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The process reported a problem">
              {health.last_error}
            </Alert>
          )}
          <Figures items={healthFigures(health)} />
        </>
      )}
    </Loaded>
  );
}

function healthFigures(health: EndpointHealth) {
  const { uptime_s: uptime } = health;
  return [
    {
      label: "State",
      value: <StateBadge state={health.state} />,
      note: uptime === null ? undefined : `up ${duration(uptime)}, ${plural(health.restarts, "restart")}`,
    },
    {
      label: "Requests per minute",
      value: count(health.requests_per_minute),
      note: `${count(health.num_requests)} since start`,
    },
    { label: "Latency p50", value: milliseconds(health.latency_p50_ms), note: "last 60 seconds" },
    { label: "Latency p95", value: milliseconds(health.latency_p95_ms), note: "last 60 seconds" },
    { label: "Errors", value: percent(health.error_rate), note: "last 60 seconds" },
    { label: "Queue", value: count(health.queue_depth), note: `${count(health.in_flight)} in work or waiting` },
  ];
}
