import { number, percent, sentence } from "@/ui/format";

import type { GateResult, Promotion } from "./queries";

const TITLES: Record<string, string> = {
  verify_package: "Verify the package",
  deploy_staging: "Deploy to staging",
  wait_for_approval: "Wait for an approver",
  deploy_production: "Deploy to production",
};

const GATE = "gate:";

/** The gate that a step is, or null. */
export function gateOf(step: string): string | null {
  return step.startsWith(GATE) ? step.slice(GATE.length) : null;
}

/** "gate:worst_slice" -> "Gate: worst slice". */
export function stepTitle(step: string): string {
  const gate = gateOf(step);
  if (gate !== null) return `Gate: ${sentence(gate).toLowerCase()}`;
  return TITLES[step] ?? sentence(step);
}

/** Whether a promotion needs a decision that this approver may take; never their own request. */
export function waitsFor(reader: string | undefined, promotion: Pick<Promotion, "state" | "requested_by">): boolean {
  return promotion.state === "waiting_for_approval" && reader !== promotion.requested_by;
}

/** A gate's figure in its own unit. */
export function inUnit(value: number | null, unit: string): string {
  if (value === null) return "–";
  if (/accuracy|share|rate|recall/.test(unit)) return percent(value);
  return unit === "" ? number(value) : `${number(value)} ${unit}`;
}

/** "18 ms, at most 100 ms". */
export function comparisonText(gate: GateResult): string {
  if (gate.threshold === null) return inUnit(gate.measured, gate.unit);
  const bound = gate.comparison === "<=" ? "at most" : "at least";
  return `${inUnit(gate.measured, gate.unit)}, ${bound} ${inUnit(gate.threshold, gate.unit)}`;
}

/** Facts of a step or gate that can stand in one line each; nested ones become JSON. */
export function factItems(facts: Readonly<Record<string, unknown>>): { label: string; value: string }[] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => ({ label: sentence(name), value: factText(value) }));
}

function factText(value: unknown): string {
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) {
    return value.map((item) => factText(item)).join(", ");
  }
  return JSON.stringify(value);
}
