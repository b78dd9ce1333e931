import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowBackUp } from "@tabler/icons-react";
import { Link, useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { useMe } from "@/app/session";
import { useMay } from "@/app/useMay";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page, Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { type Promotion, type Rollback, usePromotions, useRollbacks } from "./queries";
import { RollbackDialog } from "./RollbackDialog";
import { stepTitle, waitsFor } from "./steps";

export function Component() {
  const project = useProject();
  const navigate = useNavigate();
  const [rolling, { open, close }] = useDisclosure(false);
  const promotions = usePromotions(project);
  const rollbacks = useRollbacks(project);
  return (
    <Page
      title="Promotions"
      lead="Every way of a model version through staging, gates and a human approval to production."
      actions={
        <Allowed right="deploy" workspace="prod">
          <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={open}>
            Roll production back
          </Button>
        </Allowed>
      }
    >
      <Panel flush title="Promotions">
        <DataTable
          query={promotions}
          rowKey={(promotion) => promotion.id}
          columns={COLUMNS}
          onOpen={(promotion) => void navigate(projectPath(project, `/promotions/${promotion.id}`))}
          empty={
            <EmptyState title="No promotion yet">
              Registering a model version starts one by itself.
            </EmptyState>
          }
        />
      </Panel>
      {rollbacks.data && rollbacks.data.length > 0 && (
        <Panel flush title="Rollbacks">
          <DataTable query={rollbacks} rowKey={(item) => item.id} columns={ROLLBACKS} empty={null} />
        </Panel>
      )}
      {rolling && <RollbackDialog onClose={close} />}
    </Page>
  );
}

/** Its state; a promotion that waits for the reader says so, with the way to the decision. */
function State({ promotion }: { promotion: Promotion }) {
  const project = useProject();
  const { may } = useMay("approve_promotion", "prod");
  const reader = useMe().data?.name;
  if (!may || !waitsFor(reader, promotion)) return <StateBadge state={promotion.state} />;
  return (
    <Group gap="xs" wrap="nowrap">
      <StateBadge state={promotion.state} label="Waits for you" />
      <Button
        component={Link}
        size="compact-xs"
        to={projectPath(project, `/promotions/${promotion.id}`)}
        onClick={(event) => { event.stopPropagation(); }}
      >
        Decide
      </Button>
    </Group>
  );
}

const COLUMNS: Column<Promotion>[] = [
  {
    key: "version",
    title: "Model version",
    cell: (item) => (
      <>
        <strong>{item.model}</strong> version {item.version}
      </>
    ),
  },
  { key: "state", title: "State", cell: (item) => <State promotion={item} /> },
  {
    key: "step",
    title: "Step",
    cell: (item) => (
      <>
        {stepTitle(item.step)}
        {item.reasons[0] !== undefined && <div className="vl-dim">{item.reasons[0]}</div>}
      </>
    ),
  },
  {
    key: "by",
    title: "Requested by",
    cell: (item) => (
      <>
        {item.requested_by} <span className="vl-dim">{item.trigger === "registration" ? "by registering" : ""}</span>
      </>
    ),
  },
  { key: "started", title: "Started", align: "right", cell: (item) => <Time iso={item.created_at} /> },
  { key: "ended", title: "Ended", align: "right", cell: (item) => <Time iso={item.ended_at} /> },
];

const ROLLBACKS: Column<Rollback>[] = [
  { key: "endpoint", title: "Endpoint", cell: (item) => item.endpoint },
  {
    key: "restored",
    title: "Restored",
    cell: (item) => `${item.restored.model} version ${String(item.restored.version)}`,
  },
  {
    key: "replaced",
    title: "Instead of",
    cell: (item) => `${item.replaced.model} version ${String(item.replaced.version)}`,
  },
  { key: "reason", title: "Reason", cell: (item) => item.reason || "–" },
  { key: "by", title: "By", cell: (item) => item.requested_by },
  { key: "time", title: "When", align: "right", cell: (item) => <Time iso={item.created_at} /> },
];
