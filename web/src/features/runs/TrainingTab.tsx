import { Link, useOutletContext } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { bytes, number, words } from "@/ui/format";
import { LogView } from "@/ui/LogView";
import { Panel } from "@/ui/Page";
import { StateDot } from "@/ui/State";

import { CurveGrid } from "./Curves";
import { groupCurves } from "./curves";
import { parameterText } from "./figures";
import { artifactUrl, isActive, type Run, type RunDetail, useRunLog } from "./queries";
import classes from "./Training.module.css";

/** How a run went, or goes: curves, log, settings and files. */
export function Component() {
  const detail = useOutletContext<RunDetail>();
  const { run } = detail;
  const curves = groupCurves(detail.history);
  return (
    <>
      {curves.length > 0 ? (
        <CurveGrid curves={curves} />
      ) : (
        <Panel title="Metrics">
          <EmptyState title="No curve yet">
            A curve is drawn from the second epoch on, while the run goes.
          </EmptyState>
        </Panel>
      )}
      {run.job_id !== null && <Log run={run} />}
      <div className={classes.columns}>
        <Panel title="Parameters">
          <Parameters run={run} />
        </Panel>
        <Panel title="Last metrics">
          {Object.keys(run.metrics).length === 0 && <p className="vl-dim">None logged yet.</p>}
          <Facts
            items={Object.entries(run.metrics).map(([name, value]) => ({
              label: words(name),
              value: number(value),
            }))}
          />
          <Files detail={detail} />
        </Panel>
      </div>
    </>
  );
}

function Log({ run }: { run: Run }) {
  const project = useProject();
  const live = isActive(run);
  const log = useRunLog(project, run.id, live);
  return (
    <Panel
      flush
      title="Log"
      aside={live ? <span className="vl-dim"><StateDot tone="running" /> live</span> : undefined}
    >
      <LogView text={log.text} live={live} label={`Log of ${run.name}`} />
    </Panel>
  );
}

function Parameters({ run }: { run: Run }) {
  const project = useProject();
  const settings = Object.entries(run.parameters).map(([name, value]) => ({
    label: words(name),
    value: parameterText(value),
  }));
  if (run.warm_start_run_id === null) return <Facts items={settings} />;
  const link = projectPath(project, `/runs/${run.warm_start_run_id}`);
  const origin = { label: "began from", value: <Link to={link}>the model of an earlier run</Link> };
  return <Facts items={[origin, ...settings]} />;
}

function Files({ detail }: { detail: RunDetail }) {
  if (detail.artifacts.length === 0) return null;
  return (
    <>
      <h3 className={classes.subhead}>Files</h3>
      <Facts
        items={detail.artifacts.map((file) => ({
          label: <a href={artifactUrl(detail.run, file.path)} download>{file.path}</a>,
          value: bytes(file.size_bytes),
        }))}
      />
    </>
  );
}
