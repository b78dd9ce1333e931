import { useState } from "react";

import { useProject } from "@/app/project";
import { Panel } from "@/ui/Page";

import { Datastores } from "./Datastores";
import { IngestForm } from "./IngestForm";
import { IngestJobs } from "./IngestJobs";
import classes from "./Sources.module.css";

/** Where images come from: the stores, the way in, and what came of it. */
export function Component() {
  const project = useProject();
  const [datastore, setDatastore] = useState<string | null>(null);
  return (
    <div className={classes.columns}>
      <div className={classes.side}>
        <Datastores project={project} onIngest={setDatastore} />
        <Panel title="Recent ingests" flush>
          <IngestJobs project={project} />
        </Panel>
      </div>
      <Panel title="Ingest images">
        <IngestForm key={datastore} project={project} datastore={datastore} />
      </Panel>
    </div>
  );
}
