import type { Lineage, LineageNode } from "./queries";

const ORDER = ["dataset_version", "run", "evaluation", "model_version", "deployment"] as const;

export interface Stage {
  kind: LineageNode["kind"];
  nodes: LineageNode[];
}

/** The chain from data to production as columns; a kind without a node has none. */
export function toStages(nodes: Lineage["nodes"]): Stage[] {
  return ORDER.map((kind) => ({ kind, nodes: nodes.filter((node) => node.kind === kind) })).filter(
    (stage) => stage.nodes.length > 0,
  );
}

/** The page of a link of the chain. */
export function nodeLink(node: LineageNode, runId: string | null): string | null {
  if (node.kind === "dataset_version") return `/data/versions/${node.id}`;
  if (node.kind === "run") return `/runs/${node.id}`;
  if (node.kind === "evaluation") return runId === null ? null : `/runs/${runId}/report`;
  if (node.kind === "deployment") return `/endpoints/${node.id.split("/")[0] ?? ""}`;
  return null;
}
