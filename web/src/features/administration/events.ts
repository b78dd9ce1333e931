import { sentence } from "@/ui/format";

import type { Event } from "./queries";

const PREFIX = "visionloop.";
const LONGEST = 140;

/** What events can be about, as filters on the beginning of their type. */
export const NOUNS = [
  "user",
  "project",
  "datastore",
  "image",
  "dataset_version",
  "annotations",
  "label_task",
  "job",
  "experiment",
  "run",
  "evaluation",
  "model",
  "promotion",
  "endpoint",
  "deployment",
  "traffic",
  "monitor",
  "alert",
  "review",
  "change_proposal",
  "drill",
].map((noun) => ({ value: PREFIX + noun, label: sentence(noun) }));

/** "visionloop.model.version.registered" -> "Model version registered". */
export function eventTitle(type: string): string {
  return sentence(type.replace(PREFIX, "").replaceAll(".", " "));
}

/** The facts of an event in one line. */
export function eventSummary(data: Readonly<Record<string, unknown>>): string {
  const text = Object.entries(data)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(", ");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Whether an event contains a text, wherever it stands. */
export function matches(event: Event, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return true;
  return JSON.stringify([event.actor, event.subject, event.type, event.data]).toLowerCase().includes(wanted);
}
