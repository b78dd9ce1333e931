import { Button, Modal, Progress } from "@mantine/core";
import { useState } from "react";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";
import { useMe } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { sentence } from "@/ui/format";
import { LogView } from "@/ui/LogView";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { type Job, useCancelJob, useJobLog, useJobs } from "./queries";

function isActive(job: Job): boolean {
  return job.state === "queued" || job.state === "running";
}

/** Work that runs in processes of its own. */
export function Component() {
  const project = useProject();
  const jobs = useJobs(project);
  const me = useMe().data;
  const cancel = useCancelJob(project);
  const [opened, setOpened] = useState<Job | null>(null);
  const action: Column<Job> = {
    key: "cancel",
    title: "",
    align: "right",
    cell: (job) =>
      isActive(job) && (
        <Allowed right="train" isOwn={job.created_by === me?.name}>
          <Button
            size="compact-xs"
            variant="default"
            disabled={job.cancel_requested}
            onClick={(event) => {
              event.stopPropagation();
              cancel.mutate(job.id);
            }}
          >
            {job.cancel_requested ? "Stopping" : "Cancel"}
          </Button>
        </Allowed>
      ),
  };
  return (
    <Panel flush title="Jobs">
      <DataTable
        query={jobs}
        rowKey={(job) => job.id}
        columns={[...COLUMNS, action]}
        onOpen={setOpened}
        empty={<EmptyState title="No job yet">Ingests, trainings and evaluations run as jobs.</EmptyState>}
      />
      {opened && <JobLog job={opened} onClose={() => { setOpened(null); }} />}
    </Panel>
  );
}

function JobLog({ job, onClose }: { job: Job; onClose: () => void }) {
  const log = useJobLog(job.id);
  return (
    <Modal opened onClose={onClose} size="xl" padding={0} title={<span style={{ paddingLeft: 18 }}>{sentence(job.kind)}, {job.message}</span>}>
      <LogView live text={log.data?.text ?? ""} label={`Log of ${job.kind}`} />
    </Modal>
  );
}

const COLUMNS: Column<Job>[] = [
  {
    key: "kind",
    title: "Job",
    cell: (job) => (
      <>
        <strong>{sentence(job.kind)}</strong>
        <div className="vl-dim">{job.message}</div>
      </>
    ),
  },
  {
    key: "state",
    title: "State",
    cell: (job) => (
      <>
        <StateBadge state={job.state} />
        {isActive(job) && <Progress value={job.progress * 100} size={4} mt={5} w={110} aria-label="Progress" />}
      </>
    ),
  },
  { key: "attempt", title: "Attempt", align: "right", cell: (job) => job.attempt },
  { key: "by", title: "Started by", cell: (job) => job.created_by },
  { key: "created", title: "Queued", cell: (job) => <Time iso={job.created_at} /> },
  { key: "ended", title: "Ended", cell: (job) => <Time iso={job.ended_at} /> },
];
