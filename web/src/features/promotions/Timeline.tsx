import { Collapse, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown } from "@tabler/icons-react";

import { Facts } from "@/ui/Facts";
import { duration, plural } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { toneOf } from "@/ui/tones";

import { GateFigure } from "./GateFigure";
import classes from "./Promotions.module.css";
import type { GateResult, PromotionDetail, Step } from "./queries";
import { factItems, gateOf, stepTitle } from "./steps";

/** Steps and gates from top to bottom, as they were or will be walked. */
export function Timeline({ promotion }: { promotion: PromotionDetail }) {
  const steps = [...promotion.steps].sort((a, b) => a.position - b.position);
  return (
    <Panel title="Steps and gates">
      <ol className={classes.timeline}>
        {steps.map((step) => (
          <Item
            key={step.name}
            step={step}
            gate={promotion.gates.find((gate) => gate.gate === gateOf(step.name))}
            isWaiting={promotion.state === "waiting_for_approval" && step.name === promotion.step}
          />
        ))}
      </ol>
    </Panel>
  );
}

interface ItemProps {
  step: Step;
  gate: GateResult | undefined;
  isWaiting: boolean;
}

function Item({ step, gate, isWaiting }: ItemProps) {
  const state = isWaiting ? "waiting_for_approval" : gate ? (gate.passed ? "passed" : "failed") : step.state;
  const facts = [
    ...factItems(step.details),
    ...factItems(gate?.details ?? {}),
    ...factItems(gate?.evidence ?? {}),
  ];
  const [opened, { toggle }] = useDisclosure(gate?.passed === false);
  return (
    <li className={classes.item} data-tone={toneOf(state)}>
      <div className={classes.head}>
        <strong>{stepTitle(step.name)}</strong>
        <StateBadge state={state} />
        <span className={classes.took}>
          {took(step)}
          {step.attempts > 1 && `, ${plural(step.attempts, "attempt")}`}
        </span>
      </div>
      {gate && <GateFigure gate={gate} />}
      {facts.length > 0 && (
        <>
          <UnstyledButton className={classes.more} onClick={toggle} aria-expanded={opened}>
            <IconChevronDown size={14} data-open={opened || undefined} aria-hidden />
            {gate ? "Evidence" : "Details"}
          </UnstyledButton>
          <Collapse expanded={opened}>
            <Facts items={facts} />
          </Collapse>
        </>
      )}
    </li>
  );
}

function took(step: Step): string {
  if (step.started_at === null) return "";
  if (step.ended_at === null) return "under way";
  return duration((Date.parse(step.ended_at) - Date.parse(step.started_at)) / 1000);
}
