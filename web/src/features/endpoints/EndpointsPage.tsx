import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { ANYWHERE } from "@/app/permissions";
import { projectPath, useProject } from "@/app/project";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page, Panel } from "@/ui/Page";

import { CreateEndpoint } from "./CreateEndpoint";
import { LiveFigure, LiveState } from "./Live";
import { type Endpoint, useEndpoints } from "./queries";
import { TrafficBar } from "./TrafficBar";

export function Component() {
  const project = useProject();
  const navigate = useNavigate();
  const [creating, { open, close }] = useDisclosure(false);
  const add = (
    <Allowed right="deploy" workspace={ANYWHERE}>
      <Button leftSection={<IconPlus size={16} />} onClick={open}>
        New endpoint
      </Button>
    </Allowed>
  );
  return (
    <Page
      title="Endpoints"
      lead="Every endpoint answers from its own process and goes on when the control plane is down."
      actions={add}
    >
      <Panel flush>
        <DataTable
          query={useEndpoints(project)}
          rowKey={(endpoint) => endpoint.id}
          columns={COLUMNS}
          onOpen={(endpoint) => void navigate(projectPath(project, `/endpoints/${endpoint.name}`))}
          empty={
            <EmptyState title="No endpoint yet" action={add}>
              Staging and production each need one. Declare them in visionloop.yaml, or create them here.
            </EmptyState>
          }
        />
      </Panel>
      <CreateEndpoint opened={creating} onClose={close} />
    </Page>
  );
}

const COLUMNS: Column<Endpoint>[] = [
  {
    key: "name",
    title: "Endpoint",
    cell: (endpoint) => (
      <>
        <strong>{endpoint.name}</strong>
        <div className="vl-dim">{endpoint.workspace}</div>
      </>
    ),
  },
  { key: "state", title: "State", cell: (endpoint) => <LiveState endpoint={endpoint.name} /> },
  {
    key: "traffic",
    title: "Traffic",
    width: "30%",
    cell: (endpoint) => <TrafficBar deployments={endpoint.deployments} />,
  },
  {
    key: "rate",
    title: "Requests/min",
    align: "right",
    cell: (endpoint) => <LiveFigure endpoint={endpoint.name} figure="rate" />,
  },
  {
    key: "p50",
    title: "p50",
    align: "right",
    cell: (endpoint) => <LiveFigure endpoint={endpoint.name} figure="p50" />,
  },
  {
    key: "p95",
    title: "p95",
    align: "right",
    cell: (endpoint) => <LiveFigure endpoint={endpoint.name} figure="p95" />,
  },
  {
    key: "errors",
    title: "Errors",
    align: "right",
    cell: (endpoint) => <LiveFigure endpoint={endpoint.name} figure="errors" />,
  },
];
