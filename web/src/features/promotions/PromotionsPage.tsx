import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useNavigate } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page, Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { type Promotion, type Rollback, usePromotions, useRollbacks } from "./queries";
import { RollbackDialog } from "./RollbackDialog";
import { stepTitle } from "./steps";

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
        <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={open}>
          Roll production back
        </Button>
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
  { key: "state", title: "State", cell: (item) => <StateBadge state={item.state} /> },
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
