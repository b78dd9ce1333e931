import { Link, useOutletContext } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { Facts } from "@/ui/Facts";
import { number, plural, words } from "@/ui/format";
import { Panel } from "@/ui/Page";

import classes from "./Models.module.css";
import type { ModelVersionDetail } from "./queries";

/** What vouches for a version: metrics, the parity check, and where they come from. */
export function Component() {
  const project = useProject();
  const { version, preprocessing, thresholds, code_version } = useOutletContext<ModelVersionDetail>();
  const { parity, dataset } = version;
  const run = version.run_id;
  return (
    <div className={classes.columns}>
      <Panel title="Metrics">
        <Facts
          items={Object.entries(version.metrics).map(([name, value]) => ({
            label: words(name),
            value: number(value),
          }))}
        />
        {run !== null && (
          <p>
            <Link to={projectPath(project, `/runs/${run}/report`)}>Open the evaluation report</Link>
          </p>
        )}
      </Panel>
      <Panel title="Export parity">
        <Facts
          items={[
            { label: "Largest difference", value: parity.max_abs_difference.toExponential(2) },
            { label: "Tolerated", value: parity.tolerance.toExponential(2) },
            { label: "Compared on", value: plural(parity.num_images, "image") },
          ]}
        />
      </Panel>
      <Panel title="Input and output">
        <Facts
          items={[
            ...Object.entries(preprocessing).map(([name, value]) => ({
              label: words(name),
              value: String(value),
            })),
            { label: "classes", value: version.labels.join(", ") },
            ...Object.entries(thresholds).map(([name, value]) => ({
              label: `threshold of ${name}`,
              value: number(value),
            })),
          ]}
        />
      </Panel>
      <Panel title="Origin">
        <Facts
          items={[
            {
              label: "Run",
              value: run === null ? "–" : <Link to={projectPath(project, `/runs/${run}`)}>{run}</Link>,
            },
            {
              label: "Dataset version",
              value: dataset ? (
                <Link to={projectPath(project, `/data/versions/${dataset.id}`)}>
                  {dataset.name}:{dataset.version}
                </Link>
              ) : (
                "–"
              ),
            },
            { label: "Data digest", value: <span className="vl-mono">{dataset?.digest ?? "–"}</span> },
            { label: "Made with Visionloop", value: code_version },
          ]}
        />
      </Panel>
    </div>
  );
}
