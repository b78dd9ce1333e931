import { useParams } from "react-router";

import { useProject } from "@/app/project";
import { Figures } from "@/ui/Facts";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page, Panel } from "@/ui/Page";

import { AliasForm } from "./AliasForm";
import { useModel, useModelVersions } from "./queries";
import { VersionTable } from "./VersionTable";

export function Component() {
  const project = useProject();
  const { model: name = "" } = useParams();
  const query = useModel(project, name);
  const versions = useModelVersions(project, name);
  return (
    <Page title={name} lead={query.data?.description || "A registered model and its versions."}>
      <Loaded query={query}>
        {(model) => (
          <Figures
            items={[
              { label: "Champion", value: aliased(model.aliases.champion), note: "serves production" },
              { label: "Challenger", value: aliased(model.aliases.challenger), note: "on its way there" },
              { label: "Versions", value: plural(model.num_versions, "version") },
            ]}
          />
        )}
      </Loaded>
      <Panel title="Versions" flush>
        <VersionTable query={versions} />
      </Panel>
      <Panel title="Aliases">
        <AliasForm model={name} versions={versions.data ?? []} />
      </Panel>
    </Page>
  );
}

function aliased(version: number | undefined): string {
  return version === undefined ? "none" : `version ${String(version)}`;
}
