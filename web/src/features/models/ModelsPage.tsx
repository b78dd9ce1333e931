import { Button } from "@mantine/core";
import { Link, useNavigate } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { plural } from "@/ui/format";
import { Page, Panel } from "@/ui/Page";
import { Time } from "@/ui/Time";

import { type Model, useAllVersions, useModels } from "./queries";
import { VersionTable } from "./VersionTable";

export function Component() {
  const project = useProject();
  const navigate = useNavigate();
  const models = useModels(project);
  const versions = useAllVersions(project);
  return (
    <Page
      title="Models"
      lead="Registered packages: graph, labels, preprocessing, data digest and evidence under one signed digest."
    >
      <Panel title="Models" flush>
        <DataTable
          query={models}
          rowKey={(model) => model.name}
          columns={COLUMNS}
          onOpen={(model) => void navigate(projectPath(project, `/models/${model.name}`))}
          empty={
            <EmptyState
              title="No model registered"
              action={
                <Button component={Link} to={projectPath(project, "/runs")} variant="default">
                  Go to the runs
                </Button>
              }
            >
              Register the model of a finished run. Its export is checked against the checkpoint first.
            </EmptyState>
          }
        />
      </Panel>
      {versions.data && versions.data.length > 0 && (
        <Panel title="Latest versions" flush>
          <VersionTable query={versions} withModel />
        </Panel>
      )}
    </Page>
  );
}

const COLUMNS: Column<Model>[] = [
  {
    key: "name",
    title: "Model",
    cell: (model) => (
      <>
        <strong>{model.name}</strong>
        <div className="vl-dim">{model.description}</div>
      </>
    ),
  },
  { key: "champion", title: "Champion", cell: (model) => versionOf(model, "champion") },
  { key: "challenger", title: "Challenger", cell: (model) => versionOf(model, "challenger") },
  { key: "versions", title: "Versions", cell: (model) => plural(model.num_versions, "version") },
  { key: "by", title: "Created by", cell: (model) => model.created_by },
  { key: "time", title: "Created", align: "right", cell: (model) => <Time iso={model.created_at} /> },
];

function versionOf(model: Model, alias: string) {
  const version = model.aliases[alias];
  return version === undefined ? <span className="vl-dim">none</span> : `version ${String(version)}`;
}
