import { Button } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { Link, Outlet, useOutletContext, useParams } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { Digest } from "@/ui/Digest";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { TabLinks } from "@/ui/TabLinks";
import { Time } from "@/ui/Time";

import { useVersion, type Version } from "./queries";
import { Tags } from "./Tags";
import { Verify } from "./Verify";

export function Component() {
  const project = useProject();
  const reference = useParams().version ?? "";
  const query = useVersion(project, reference);
  const version = query.data;
  const address = projectPath(project, `/data/versions/${encodeURI(reference)}`);
  return (
    <Page
      title={version?.reference ?? "Dataset version"}
      lead={version && <Lead project={project} version={version} />}
      actions={
        <>
          <Button
            component={Link}
            to={projectPath(project, "/data/versions")}
            variant="default"
            leftSection={<IconChevronLeft size={15} />}
          >
            Versions
          </Button>
          {version && <Verify project={project} version={version.id} />}
        </>
      }
    >
      <Loaded query={query}>
        {(data) => (
          <>
            <TabLinks
              label="Dataset version"
              tabs={[
                { label: "Overview", to: address, end: true },
                { label: "Images", to: `${address}/images` },
                { label: "Changes", to: `${address}/changes` },
                { label: "Leakage", to: `${address}/leakage` },
                { label: "Lineage", to: `${address}/lineage` },
              ]}
            />
            <Outlet context={data} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** The version that the tab stands in. */
export function useShownVersion(): Version {
  return useOutletContext<Version>();
}

function Lead({ project, version }: { project: string; version: Version }) {
  return (
    <>
      frozen <Time iso={version.created_at} /> by {version.created_by} · <Digest value={version.digest} />
      <Tags project={project} version={version} />
    </>
  );
}
