import { Button, Popover } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";

import type { components } from "@/api/schema";
import { count, duration, plural } from "@/ui/format";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { isOpen, useVerifications, useVerify } from "./queries";
import classes from "./Verify.module.css";

type Report = components["schemas"]["VerifyReportOut"];

const SHOWN = 50;

/** Reads every image again as a job; the last result stays beside the button. */
export function Verify({ project, version }: { project: string; version: string }) {
  const verify = useVerify(project, version);
  const newest = useVerifications(project, version).data?.items[0];
  const busy = verify.isPending || (newest !== undefined && isOpen(newest.state));
  const report = newest?.report as Report | null | undefined;
  return (
    <span className={classes.verify}>
      {newest !== undefined && !busy && (
        <Outcome state={newest.state} report={report ?? null} at={newest.ended_at} />
      )}
      <Button
        variant="default"
        leftSection={<IconShieldCheck size={16} />}
        loading={busy}
        onClick={() => { verify.mutate(); }}
      >
        Verify every byte
      </Button>
    </span>
  );
}

function Outcome({ state, report, at }: { state: string; report: Report | null; at: string | null }) {
  if (report === null) return <StateBadge state={state} label={`Verification ${state}`} />;
  if (report.intact) {
    return (
      <span className={classes.outcome}>
        <StateBadge
          state="verified"
          label={`${plural(report.num_checked, "image")} intact, ${duration(report.seconds)}`}
        />
        <Time iso={at} />
      </span>
    );
  }
  return (
    <Popover width={420} position="bottom-end">
      <Popover.Target>
        <Button variant="transparent" px={0}>
          <StateBadge state="broken" label={summary(report)} />
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        {report.manifest_problem !== null && <p className={classes.problem}>{report.manifest_problem}</p>}
        <ul className={classes.list}>
          {report.broken.slice(0, SHOWN).map((item) => (
            <li key={item.image_id}>
              <span className="vl-mono">{item.name}</span> {item.problem}
            </li>
          ))}
        </ul>
        {report.broken.length > SHOWN && `and ${count(report.broken.length - SHOWN)} more`}
      </Popover.Dropdown>
    </Popover>
  );
}

function summary(report: Report): string {
  if (!report.manifest_intact) return "The manifest changed";
  return `${plural(report.broken.length, "image")} changed: ${report.broken[0]?.name.split("/").at(-1) ?? ""}`;
}
