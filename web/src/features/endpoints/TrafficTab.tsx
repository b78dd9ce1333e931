import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { Link, useOutletContext } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { bytes, count, percent } from "@/ui/format";
import { Panel } from "@/ui/Page";

import { DeploymentTable } from "./DeploymentTable";
import { type Endpoint, useHealth } from "./queries";
import { TrafficBar } from "./TrafficBar";
import { TrafficDialog } from "./TrafficDialog";

export function Component() {
  const project = useProject();
  const endpoint = useOutletContext<Endpoint>();
  const health = useHealth(project, endpoint.name).data;
  const [editing, { open, close }] = useDisclosure(false);
  if (endpoint.deployments.length === 0) {
    return (
      <Panel>
        <EmptyState
          title="Nothing is deployed here"
          action={
            <Button component={Link} to={projectPath(project, "/models")} variant="default">
              Go to the models
            </Button>
          }
        >
          A promotion deploys a registered model version here when its turn comes.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <>
      <Panel
        title="Traffic split"
        aside={
          <Allowed right="deploy" workspace={endpoint.workspace}>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconAdjustmentsHorizontal size={15} />}
              onClick={open}
            >
              Change the split
            </Button>
          </Allowed>
        }
      >
        <TrafficBar deployments={endpoint.deployments} />
      </Panel>
      <Panel title="Deployments" flush>
        <DeploymentTable endpoint={endpoint} health={health} />
      </Panel>
      <Panel title="Limits">
        <Facts
          items={[
            { label: "Largest request", value: bytes(endpoint.max_body_bytes) },
            { label: "Largest image", value: `${count(endpoint.max_pixels / 1_000_000)} megapixels` },
            { label: "Images in work or waiting", value: count(endpoint.max_in_flight) },
            { label: "Photos kept by the prediction log", value: percent(endpoint.log_sample_rate, 0) },
          ]}
        />
      </Panel>
      {editing && <TrafficDialog endpoint={endpoint} onClose={close} />}
    </>
  );
}
