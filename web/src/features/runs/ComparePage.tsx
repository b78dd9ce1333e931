import { useQueries } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { sentence } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page, Panel } from "@/ui/Page";

import { CompareImages } from "./compare/CompareImages";
import { CompareTable } from "./compare/CompareTable";
import { overlay } from "./curves";
import { CurveGrid } from "./Curves";
import { runQuery, useComparison } from "./queries";

export function Component() {
  const project = useProject();
  const ids = useSearchParams()[0].getAll("run_id");
  const comparison = useComparison(project, ids);
  if (ids.length < 2) {
    return (
      <Page title="Compare runs">
        <Panel>
          <EmptyState title="Choose at least two runs">Tick them in the list of runs.</EmptyState>
        </Panel>
      </Page>
    );
  }
  return (
    <Page title="Compare runs" lead="What was set differently, and what came of it.">
      <Loaded query={comparison}>
        {(found) => (
          <>
            <CompareTable comparison={found} />
            {found.runs.length === 2 && found.runs[0] && found.runs[1] && (
              <CompareImages baseline={found.runs[0]} candidate={found.runs[1]} />
            )}
          </>
        )}
      </Loaded>
      <Overlays ids={ids} />
    </Page>
  );
}

function Overlays({ ids }: { ids: readonly string[] }) {
  const project = useProject();
  const details = useQueries({ queries: ids.map((id) => runQuery(project, id)) }).flatMap(({ data }) =>
    data === undefined ? [] : [{ name: data.run.name, history: data.history }],
  );
  const metrics = [...new Set(details.flatMap(({ history }) => Object.keys(history)))];
  const curves = metrics
    .filter((metric) => metric.startsWith("val"))
    .map((metric) => overlay(metric, details))
    .filter((curve) => curve.rows.length > 1)
    .map((curve) => ({ ...curve, title: sentence(curve.title) }));
  return <CurveGrid curves={curves} />;
}
