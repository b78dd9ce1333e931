import type { RecipeParameter, Run, RunCreate } from "../queries";

/** Where the weights of the first step come from. */
export type Origin = "pretrained" | "scratch" | "run";

export interface Draft {
  datasetVersion: string | null;
  experiment: string;
  name: string;
  origin: Origin;
  weights: string;
  warmStart: string | null;
  /** Settings by name; what is left out or empty takes the recipe's default. */
  settings: Record<string, string | number | boolean>;
}

export const EMPTY: Draft = {
  datasetVersion: null,
  experiment: "default",
  name: "",
  origin: "scratch",
  weights: "",
  warmStart: null,
  settings: {},
};

/** A draft with the settings of an earlier run. */
export function draftLike(run: Run, parameters: readonly RecipeParameter[]): Draft {
  const { weights } = run.parameters;
  const settings: Draft["settings"] = {};
  // Defaults depend on where training begins, so every setting is carried over as it was.
  for (const { name } of parameters) {
    const value = run.parameters[name];
    if (name === "weights") continue;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      settings[name] = value;
    }
  }
  const origin: Origin = run.warm_start_run_id !== null ? "run" : weights ? "pretrained" : "scratch";
  return {
    ...EMPTY,
    datasetVersion: run.dataset_version,
    experiment: run.experiment,
    origin,
    weights: typeof weights === "string" ? weights : "",
    warmStart: run.warm_start_run_id,
    settings,
  };
}

/** What is still missing before the draft can be sent, or null. */
export function missing(draft: Draft): string | null {
  if (draft.datasetVersion === null) return "Choose a dataset version.";
  if (draft.origin === "pretrained" && draft.weights.trim() === "") return "Name the pretrained weights.";
  if (draft.origin === "run" && draft.warmStart === null) return "Choose the run to begin from.";
  return null;
}

/** The request; settings that were left empty take the recipe's defaults. */
export function toRequest(draft: Draft, recipe: string): RunCreate {
  const settings = Object.entries(draft.settings).filter(([, value]) => value !== "");
  const weights = draft.origin === "pretrained" ? { weights: draft.weights.trim() } : {};
  return {
    dataset_version: draft.datasetVersion ?? "",
    experiment: draft.experiment.trim() || "default",
    name: draft.name.trim() || null,
    recipe,
    parameters: { ...Object.fromEntries(settings), ...weights },
    warm_start_run_id: draft.origin === "run" ? draft.warmStart : null,
  };
}
