import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { sentence } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import classes from "./Administration.module.css";
import { type Proposal, useDecideProposal, useProposals } from "./queries";

type Choice = "approve" | "reject";

/** Changes that automatic actions may not make alone. */
export function Component() {
  const project = useProject();
  const [asked, setAsked] = useState<{ proposal: Proposal; decision: Choice } | null>(null);
  return (
    <Panel flush title="Change proposals">
      <Loaded query={useProposals(project)}>
        {(proposals) =>
          proposals.length === 0 ? (
            <EmptyState title="Nothing was proposed">
              When an endpoint needs more than a restart, the change waits here for the infrastructure team.
            </EmptyState>
          ) : (
            <>
              {proposals.map((proposal) => (
                <Item
                  key={proposal.id}
                  proposal={proposal}
                  onDecide={(decision) => { setAsked({ proposal, decision }); }}
                />
              ))}
            </>
          )
        }
      </Loaded>
      {asked && <Decide {...asked} project={project} onClose={() => { setAsked(null); }} />}
    </Panel>
  );
}

function Item({ proposal, onDecide }: { proposal: Proposal; onDecide: (decision: Choice) => void }) {
  return (
    <article className={classes.proposal}>
      <div>
        <strong>{proposal.summary}</strong>
        <Text size="xs" c="dimmed">
          {sentence(proposal.kind)}, proposed <Time iso={proposal.created_at} />
          {proposal.decided_by !== null && (
            <>
              , decided by {proposal.decided_by} <Time iso={proposal.decided_at} />
              {proposal.reason && `: ${proposal.reason}`}
            </>
          )}
        </Text>
      </div>
      <Group gap="xs" wrap="nowrap">
        {proposal.state === "open" ? (
          <>
            <Allowed right="operate" workspace="prod">
              <Button size="xs" variant="default" onClick={() => { onDecide("reject"); }}>
                Reject
              </Button>
            </Allowed>
            <Allowed right="operate" workspace="prod">
              <Button size="xs" onClick={() => { onDecide("approve"); }}>
                Approve
              </Button>
            </Allowed>
          </>
        ) : (
          <StateBadge state={proposal.state} />
        )}
      </Group>
      <Facts
        items={Object.entries(proposal.change).map(([name, value]) => ({
          label: sentence(name),
          value: typeof value === "object" ? JSON.stringify(value) : String(value),
        }))}
      />
    </article>
  );
}

interface DecideProps {
  project: string;
  proposal: Proposal;
  decision: Choice;
  onClose: () => void;
}

function Decide({ project, proposal, decision, onClose }: DecideProps) {
  const [reason, setReason] = useState("");
  const decide = useDecideProposal(project);
  return (
    <Modal opened onClose={onClose} title={decision === "approve" ? "Approve the change" : "Reject the change"}>
      <Stack gap="md">
        <Text size="sm">
          {proposal.summary}
          {decision === "approve" ? " It is applied at once." : " Nothing is applied."}
        </Text>
        <Textarea
          label="Reason"
          description="Kept in the audit trail"
          data-autofocus
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => { setReason(event.currentTarget.value); }}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            color={decision === "approve" ? undefined : "red"}
            loading={decide.isPending}
            onClick={() => { decide.mutate({ id: proposal.id, decision, reason }, { onSuccess: onClose }); }}
          >
            {decision === "approve" ? "Approve" : "Reject"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
