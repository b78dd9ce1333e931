import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { useProject, useProjectInfo } from "@/app/project";
import { plural, sentence } from "@/ui/format";
import { Page } from "@/ui/Page";
import { StateBadge } from "@/ui/State";

import { Activity } from "./Activity";
import { Diagram } from "./Diagram";
import classes from "./Diagram.module.css";
import { type Overview, useOverview } from "./queries";

export function Component() {
  const project = useProject();
  const info = useProjectInfo();
  const overview = useOverview(project);
  const kind = info && `${sentence(info.task)}, ${plural(info.categories.length, "class", "classes")}`;
  return (
    <Page
      title={project}
      lead={info?.description === "" ? kind : info?.description}
      actions={overview.data && <Health overview={overview.data} />}
    >
      {overview.isError && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The live state is not available">
          {overview.error.message}
        </Alert>
      )}
      <div className={classes.frame}>
        <Diagram project={project} overview={overview.data} loading={overview.isPending} />
      </div>
      {overview.data && <Activity project={project} overview={overview.data} />}
    </Page>
  );
}

function Health({ overview }: { overview: Overview }) {
  const failing = overview.elements.filter((element) => element.state === "failing").length;
  const attention = overview.elements.filter((element) => element.state === "attention").length;
  if (failing > 0) return <StateBadge state="failing" label={`${plural(failing, "element")} failing`} />;
  if (attention > 0) {
    return <StateBadge state="attention" label={`${plural(attention, "element")} ${attention === 1 ? "needs" : "need"} attention`} />;
  }
  return <StateBadge state="ok" label="The loop is healthy" />;
}
