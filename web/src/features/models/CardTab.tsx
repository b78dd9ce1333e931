import { useOutletContext } from "react-router";

import { Markdown } from "@/ui/Markdown";
import { Panel } from "@/ui/Page";

import type { ModelVersionDetail } from "./queries";

/** What a person must know before using the model. */
export function Component() {
  const { model_card } = useOutletContext<ModelVersionDetail>();
  return (
    <Panel>
      <Markdown text={model_card} />
    </Panel>
  );
}
