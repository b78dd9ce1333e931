import { ActionIcon, Table } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { Digest } from "@/ui/Digest";
import { count, percent } from "@/ui/format";
import { PlainTable } from "@/ui/PlainTable";
import { Time } from "@/ui/Time";

import { type Deployment, type Endpoint, type EndpointHealth, useRemoveDeployment } from "./queries";

interface DeploymentTableProps {
  endpoint: Endpoint;
  health: EndpointHealth | undefined;
}

/** Every model behind the endpoint, with what it answered since the process started. */
export function DeploymentTable({ endpoint, health }: DeploymentTableProps) {
  const project = useProject();
  const remove = useRemoveDeployment(project, endpoint.name);
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Deployment</Table.Th>
          <Table.Th>Model</Table.Th>
          <Table.Th>Digest</Table.Th>
          <Table.Th ta="right">Share</Table.Th>
          <Table.Th ta="right">Mirrors</Table.Th>
          <Table.Th ta="right">Requests</Table.Th>
          <Table.Th ta="right">Errors</Table.Th>
          <Table.Th ta="right" title="Mirrored requests on which it gave the live deployment's label">
            Agreement
          </Table.Th>
          <Table.Th ta="right">Deployed</Table.Th>
          <Table.Th w={48} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {endpoint.deployments.map((deployment) => {
          const measured = health?.deployments.find((item) => item.name === deployment.name);
          return (
            <Table.Tr key={deployment.name}>
              <Table.Th scope="row" fw={600}>{deployment.name}</Table.Th>
              <Table.Td><Model project={project} deployment={deployment} /></Table.Td>
              <Table.Td><Digest value={deployment.model_digest} /></Table.Td>
              <Table.Td ta="right">{percent(deployment.weight / 100, 0)}</Table.Td>
              <Table.Td ta="right">{percent(deployment.mirror / 100, 0)}</Table.Td>
              <Table.Td ta="right">{measured ? count(measured.num_requests) : "–"}</Table.Td>
              <Table.Td ta="right">{measured ? count(measured.num_errors) : "–"}</Table.Td>
              <Table.Td ta="right">{percent(measured?.agreement)}</Table.Td>
              <Table.Td ta="right"><Time iso={deployment.updated_at} /></Table.Td>
              <Table.Td>
                {deployment.weight === 0 && (
                  <Allowed right="deploy" workspace={endpoint.workspace}>
                    <ActionIcon
                      size="sm"
                      title="Remove the deployment"
                      aria-label={`Remove ${deployment.name}`}
                      loading={remove.isPending && remove.variables === deployment.name}
                      onClick={() => { remove.mutate(deployment.name); }}
                    >
                      <IconTrash size={15} />
                    </ActionIcon>
                  </Allowed>
                )}
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </PlainTable>
  );
}

function Model({ project, deployment }: { project: string; deployment: Deployment }) {
  const { model_name: name, model_version: version } = deployment;
  if (version === null) return <>{name} <span className="vl-dim">not registered</span></>;
  return (
    <Link to={projectPath(project, `/models/${name}/versions/${version}`)}>
      {name} version {version}
    </Link>
  );
}
