import { Outlet } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { Page } from "@/ui/Page";
import { TabLinks } from "@/ui/TabLinks";

import { useProposals } from "./queries";

export function Component() {
  const project = useProject();
  const open = useProposals(project).data?.filter((item) => item.state === "open").length;
  const at = (page: string) => projectPath(project, `/administration${page}`);
  return (
    <Page title="Administration" lead="Who may do what, what was changed by whom, and the file that sets it all up.">
      <TabLinks
        label="Administration"
        tabs={[
          { label: "Project", to: at(""), end: true },
          { label: "Users and roles", to: at("/users") },
          { label: "My tokens", to: at("/tokens") },
          { label: "Change proposals", to: at("/proposals"), count: open },
          { label: "Audit trail", to: at("/events") },
          { label: "Jobs", to: at("/jobs") },
          { label: "Setup file", to: at("/setup") },
        ]}
      />
      <Outlet />
    </Page>
  );
}
