import { Button } from "@mantine/core";
import { IconFolderDown, IconSnowflake } from "@tabler/icons-react";
import { useState } from "react";
import { Link, Outlet } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { count, plural } from "@/ui/format";
import { Page } from "@/ui/Page";
import { TabLinks } from "@/ui/TabLinks";

import { FreezeDialog } from "./versions/FreezeDialog";
import { useSummary } from "./queries";

export function Component() {
  const project = useProject();
  const summary = useSummary(project).data;
  const [freezing, setFreezing] = useState(false);
  const lead =
    summary &&
    `${plural(summary.num_images, "image")}, ${count(summary.num_labeled)} labeled, ${plural(
      summary.num_annotations,
      "annotation",
    )}, ${plural(summary.num_versions, "frozen version")}`;
  return (
    <Page
      title="Data"
      lead={lead ?? " "}
      actions={
        <>
          <Allowed right="manage_data">
            <Button
              component={Link}
              to={projectPath(project, "/data/sources")}
              variant="default"
              leftSection={<IconFolderDown size={16} />}
            >
              Ingest
            </Button>
          </Allowed>
          <Allowed right="manage_data">
            <Button leftSection={<IconSnowflake size={16} />} onClick={() => { setFreezing(true); }}>
              Freeze a version
            </Button>
          </Allowed>
        </>
      }
    >
      <TabLinks
        label="Data"
        tabs={[
          { label: "Images", to: projectPath(project, "/data"), end: true },
          { label: "Versions", to: projectPath(project, "/data/versions") },
          { label: "Sources", to: projectPath(project, "/data/sources") },
        ]}
      />
      <Outlet />
      <FreezeDialog opened={freezing} onClose={() => { setFreezing(false); }} />
    </Page>
  );
}
