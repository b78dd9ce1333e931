import { Outlet } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { Page } from "@/ui/Page";
import { TabLinks } from "@/ui/TabLinks";

import { useAlerts } from "./queries";

export function Component() {
  const project = useProject();
  const open = useAlerts(project, "open").data?.length;
  return (
    <Page
      title="Monitoring"
      lead="Drift and accuracy on production images, the alerts they raise, and how endpoints fare."
    >
      <TabLinks
        label="Monitoring"
        tabs={[
          { label: "Monitors", to: projectPath(project, "/monitoring"), end: true },
          { label: "Alerts", to: projectPath(project, "/monitoring/alerts"), count: open },
          { label: "Drills", to: projectPath(project, "/monitoring/drills") },
          { label: "Infrastructure", to: projectPath(project, "/monitoring/infrastructure") },
        ]}
      />
      <Outlet />
    </Page>
  );
}
