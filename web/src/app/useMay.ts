import { holds, refusal, type Right } from "./permissions";
import { useProject } from "./project";
import { useMe } from "./session";

export interface May {
  may: boolean;
  /** Which role may do it, when the reader may not. */
  why: string | null;
}

/** Whether the signed-in user may do something in a workspace of the current project. */
export function useMay(right: Right, workspace = "dev"): May {
  const project = useProject();
  const me = useMe().data;
  const may = me ? holds(me, right, project, workspace) : false;
  return { may, why: may ? null : refusal(right, workspace) };
}
