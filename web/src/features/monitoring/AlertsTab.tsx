import { SegmentedControl } from "@mantine/core";
import { useState } from "react";

import { useProject } from "@/app/project";
import { Panel } from "@/ui/Page";

import { AlertList } from "./AlertList";
import { type AlertState, useAlerts } from "./queries";

export function Component() {
  const [state, setState] = useState<AlertState | "all">("all");
  const alerts = useAlerts(useProject(), state === "all" ? undefined : state);
  return (
    <Panel
      flush
      title="Alerts"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="State"
          value={state}
          onChange={(value) => { setState(value as AlertState | "all"); }}
          data={[
            { value: "all", label: "All" },
            { value: "open", label: "Open" },
            { value: "acknowledged", label: "Acknowledged" },
            { value: "resolved", label: "Resolved" },
          ]}
        />
      }
    >
      <AlertList query={alerts} />
    </Panel>
  );
}
