import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconLock, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useMay } from "@/app/useMay";
import { Facts } from "@/ui/Facts";
import { shortDigest } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { type PromotionDetail, useDecide } from "./queries";

interface DecisionPanelProps {
  project: string;
  promotion: PromotionDetail;
}

/** The human gate: who decided what and why, or the place to decide. */
export function DecisionPanel({ project, promotion }: DecisionPanelProps) {
  const { approval } = promotion;
  return (
    <Panel title="Approval">
      {approval !== null ? (
        <Facts
          items={[
            { label: "Decision", value: <StateBadge state={approval.decision} /> },
            { label: "By", value: approval.decided_by },
            { label: "When", value: <Time iso={approval.decided_at} /> },
            { label: "Reason", value: approval.reason || "none given" },
            { label: "For package", value: <span className="vl-mono">{shortDigest(approval.digest)}</span> },
            { label: "Expires", value: <Time iso={approval.expires_at} /> },
          ]}
        />
      ) : promotion.state === "waiting_for_approval" ? (
        <Decide project={project} promotion={promotion} />
      ) : (
        <Text size="sm" c="dimmed">
          {promotion.ended_at === null
            ? "An approver is asked when every gate has passed."
            : "It ended before an approver was asked."}
        </Text>
      )}
    </Panel>
  );
}

function Decide({ project, promotion }: DecisionPanelProps) {
  const [reason, setReason] = useState("");
  const decide = useDecide(project, promotion.id);
  const send = (decision: "approve" | "reject") => {
    decide.mutate({ decision, digest: promotion.digest, reason });
  };
  const { why } = useMay("approve_promotion", "prod");
  const allowed = promotion.can_decide;
  return (
    <Stack gap="sm">
      <Text size="sm">
        Your decision holds for the package{" "}
        <span className="vl-mono">{shortDigest(promotion.digest)}</span> only.
        {promotion.approval_expires_at !== null && (
          <>
            {" "}
            The promotion lapses <Time iso={promotion.approval_expires_at} />.
          </>
        )}
      </Text>
      {!allowed && (
        <Alert color="yellow" icon={<IconLock size={18} />} title="You cannot approve this one">
          {why ?? promotion.why_not}
        </Alert>
      )}
      <Textarea
        label="Reason"
        description="Kept in the audit trail; needed to reject"
        autosize
        minRows={3}
        maxLength={2000}
        disabled={!allowed}
        value={reason}
        onChange={(event) => { setReason(event.currentTarget.value); }}
      />
      {decide.isError && (
        <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert">
          {decide.error.message}
        </Alert>
      )}
      <Group grow gap="xs">
        <Allowed right="approve_promotion" workspace="prod">
          <Button
            variant="default"
            leftSection={<IconX size={16} />}
            disabled={!allowed || reason.trim() === ""}
            loading={decide.isPending && decide.variables.decision === "reject"}
            onClick={() => { send("reject"); }}
          >
            Reject
          </Button>
        </Allowed>
        <Allowed right="approve_promotion" workspace="prod">
          <Button
            leftSection={<IconCheck size={16} />}
            disabled={!allowed}
            loading={decide.isPending && decide.variables.decision === "approve"}
            onClick={() => { send("approve"); }}
          >
            Approve
          </Button>
        </Allowed>
      </Group>
    </Stack>
  );
}
