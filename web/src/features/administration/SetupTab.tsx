import { Alert, Button, Group, Textarea } from "@mantine/core";
import { IconAlertCircle, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";

import { ApiError } from "@/api/problem";
import { Allowed } from "@/app/Allowed";
import { Command } from "@/ui/Command";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Page";

import classes from "./Administration.module.css";
import { Changes } from "./Changes";
import { Passwords } from "./Passwords";
import { useApply, usePlan } from "./queries";

/** The project file: paste it, see what it would change, apply exactly that. */
export function Component() {
  const [content, setContent] = useState("");
  const [planned, setPlanned] = useState<string | null>(null);
  const plan = usePlan();
  const apply = useApply();
  const isCurrent = planned === content;
  const look = () => {
    apply.reset();
    plan.mutate(content, { onSuccess: () => { setPlanned(content); } });
  };
  const done = () => {
    apply.mutate(content, { onSuccess: () => { setPlanned(null); plan.reset(); } });
  };
  return (
    <div className={classes.setup}>
      <Panel title="visionloop.yaml">
        <Textarea
          className={classes.editor}
          aria-label="Content of visionloop.yaml"
          placeholder="Paste the project file here"
          spellCheck={false}
          autosize
          minRows={20}
          maxRows={40}
          value={content}
          onChange={(event) => { setContent(event.currentTarget.value); }}
        />
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" disabled={content.trim() === ""} loading={plan.isPending} onClick={look}>
            Plan
          </Button>
          <Allowed right="administer">
            <Button
              disabled={!isCurrent || plan.data?.changes.length === 0}
              loading={apply.isPending}
              onClick={done}
            >
              Apply
            </Button>
          </Allowed>
        </Group>
      </Panel>
      <Panel title={apply.data ? "What was changed" : "What would change"}>
        <Refused error={apply.error ?? plan.error} />
        {apply.data ? (
          <>
            <Alert color="teal" icon={<IconCircleCheck size={18} />} mb="md">
              {apply.data.project} is as the file says.
            </Alert>
            <Changes changes={apply.data.changes} />
            <Passwords passwords={apply.data.passwords ?? {}} />
          </>
        ) : plan.data && isCurrent ? (
          <Changes changes={plan.data.changes} />
        ) : (
          !plan.isError && (
            <EmptyState title="Plan before you apply">
              A plan shows every change and makes none. The same from a terminal:
              <Command>visionloop plan visionloop.yaml</Command>
              <Command>visionloop apply visionloop.yaml</Command>
            </EmptyState>
          )
        )}
      </Panel>
    </div>
  );
}

/** Every mistake of the file, not only the first. */
function Refused({ error }: { error: Error | null }) {
  if (error === null) return null;
  const details = error instanceof ApiError ? (error.facts.details as { problems?: string[] } | undefined) : undefined;
  return (
    <Alert color="red" icon={<IconAlertCircle size={18} />} title="The file was refused" role="alert" mb="md">
      {details?.problems ? (
        <ul className={classes.problems}>
          {details.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      ) : (
        error.message
      )}
    </Alert>
  );
}
