import { Progress } from "@mantine/core";

import { count, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import classes from "./IngestJobs.module.css";
import { type Job, useIngestJobs } from "./queries";

/** Recent ingests with progress while they run and their report afterwards. */
export function IngestJobs({ project }: { project: string }) {
  const jobs = useIngestJobs(project);
  return (
    <Loaded query={jobs}>
      {(data) =>
        data.items.length === 0 ? (
          <p className={classes.none}>None yet. Bad files are reported here and skipped, never fatal.</p>
        ) : (
          <ul className={classes.list}>
            {data.items.map((job) => (
              <li key={job.id}>
                <div className={classes.head}>
                  <StateBadge state={job.state} />
                  <span className={classes.source}>{sourceOf(job)}</span>
                  <span className="vl-dim">
                    <Time iso={job.created_at} />
                  </span>
                </div>
                {job.state === "running" && (
                  <Progress size={5} mt={6} value={job.progress * 100} aria-label="Progress" />
                )}
                <p className={classes.message}>{report(job)}</p>
                <Refused job={job} />
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function sourceOf(job: Job): string {
  const { folder, datastore } = job.inputs;
  const source = folder ?? datastore;
  return typeof source === "string" ? source : "source unknown";
}

const NUMBERS = [
  ["num_files", "files read"],
  ["added", "new"],
  ["already_present", "known before"],
  ["annotations", "labels"],
  ["num_duplicates", "duplicates"],
] as const;

/** The numbers of the report in one line, or the message of the job while it runs. */
function report(job: Job): string {
  const numbers = NUMBERS.flatMap(([key, label]) => {
    const value = job.outputs[key];
    return typeof value === "number" && value > 0 ? [`${count(value)} ${label}`] : [];
  });
  return numbers.length === 0 ? job.message : numbers.join(", ");
}

function Refused({ job }: { job: Job }) {
  const refused: unknown = job.outputs.refused;
  if (!Array.isArray(refused) || refused.length === 0) return null;
  const files = refused as { path?: string; reason?: string; message?: string }[];
  return (
    <details className={classes.refused}>
      <summary>{plural(files.length, "file")} skipped</summary>
      <ul>
        {files.slice(0, 100).map((file, index) => (
          <li key={index}>
            <span className="vl-mono">{file.path ?? "?"}</span> {file.message ?? file.reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
