import { useOutletContext } from "react-router";

import { useProject } from "@/app/project";
import { Facts } from "@/ui/Facts";
import { bytes, count, duration } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { LogView } from "@/ui/LogView";
import { Panel } from "@/ui/Page";

import { type Endpoint, useHealth, useProcessLog } from "./queries";

export function Component() {
  const project = useProject();
  const endpoint = useOutletContext<Endpoint>();
  const health = useHealth(project, endpoint.name);
  const log = useProcessLog(project, endpoint.name);
  return (
    <>
      <Panel title="Process">
        <Loaded query={health}>
          {(found) => (
            <Facts
              items={[
                { label: "Process id", value: found.pid ?? "–" },
                { label: "Up for", value: found.uptime_s === null ? "–" : duration(found.uptime_s) },
                { label: "Restarts", value: count(found.restarts) },
                { label: "Memory", value: found.rss_bytes === null ? "–" : bytes(found.rss_bytes) },
                { label: "Prediction log records dropped", value: count(found.dropped_records) },
                { label: "Address", value: <span className="vl-mono">{endpoint.url}</span> },
                {
                  label: "Prometheus metrics",
                  value: <span className="vl-mono">{endpoint.url}/metrics</span>,
                },
                {
                  label: "Open Inference Protocol",
                  value: <span className="vl-mono">{endpoint.url}/v2</span>,
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Panel title="Log" flush>
        <Loaded query={log}>
          {(tail) => <LogView live text={tail.lines.join("\n")} label={`Log of ${endpoint.name}`} />}
        </Loaded>
      </Panel>
    </>
  );
}
