import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useParams } from "react-router";

import { useProject } from "@/app/project";
import { Digest } from "@/ui/Digest";
import { Figures, Facts } from "@/ui/Facts";
import { count, duration, percent, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Panel } from "@/ui/Page";
import { StateBadge } from "@/ui/State";
import { Time } from "@/ui/Time";

import { ClassCounts } from "./ClassCounts";
import { DiffPanel } from "./DiffPanel";
import { ManifestGrid } from "./ManifestGrid";
import { useVerify, useVersion, useVersions, type Version } from "./queries";
import classes from "./VersionPage.module.css";

export function Component() {
  const project = useProject();
  const reference = useParams().version ?? "";
  const version = useVersion(project, reference);
  return <Loaded query={version}>{(data) => <Detail project={project} version={data} />}</Loaded>;
}

function Detail({ project, version }: { project: string; version: Version }) {
  const [split, setSplit] = useState("all");
  const others = (useVersions(project).data?.items ?? []).filter((item) => item.id !== version.id);
  const [against, setAgainst] = useState<string | null>(version.parent_id);
  return (
    <>
      <div className={classes.head}>
        <h2>{version.reference}</h2>
        <Digest value={version.digest} />
        <span className="vl-dim">
          frozen <Time iso={version.created_at} /> by {version.created_by}
        </span>
        <Verify project={project} version={version.id} />
      </div>
      <Warnings items={version.warnings} />
      <Figures
        items={[
          { label: "Images", value: count(version.num_images) },
          { label: "Annotations", value: count(version.num_annotations) },
          ...["train", "val", "test"].map((name) => ({
            label: { train: "Train", val: "Validation", test: "Test" }[name] ?? name,
            value: count(version.splits[name] ?? 0),
            note: percent((version.splits[name] ?? 0) / Math.max(version.num_images, 1), 0),
          })),
        ]}
      />
      <div className={classes.columns}>
        <Panel title="Images per class and split">
          <ClassCounts version={version} />
        </Panel>
        <Panel
          title="Difference"
          aside={
            <Select
              size="xs"
              w={190}
              aria-label="Compare with"
              placeholder="Compare with"
              value={against}
              onChange={setAgainst}
              data={others.map((item) => ({ value: item.id, label: `from ${item.reference}` }))}
            />
          }
        >
          <DiffPanel project={project} version={version.id} against={against} />
          <Facts
            items={[
              { label: "Filters", value: version.filters.join(", ") || "none" },
              { label: "Seed", value: String(version.seed) },
              { label: "Notes", value: version.notes || "none" },
            ]}
          />
        </Panel>
      </div>
      <Panel
        title="Images as frozen"
        aside={
          <SegmentedControl
            size="xs"
            value={split}
            onChange={setSplit}
            data={[
              { value: "all", label: "All" },
              { value: "train", label: "Train" },
              { value: "val", label: "Validation" },
              { value: "test", label: "Test" },
            ]}
          />
        }
      >
        <ManifestGrid key={split} project={project} version={version.id} split={split === "all" ? null : split} />
      </Panel>
    </>
  );
}

const SHOWN_WARNINGS = 3;

function Warnings({ items }: { items: readonly string[] }) {
  if (items.length === 0) return null;
  const rest = items.slice(SHOWN_WARNINGS);
  return (
    <Notice tone="attention">
      {items.slice(0, SHOWN_WARNINGS).map((warning) => (
        <div key={warning}>{warning}</div>
      ))}
      {rest.length > 0 && (
        <details>
          <summary>{plural(rest.length, "more warning")}</summary>
          {rest.map((warning) => (
            <div key={warning}>{warning}</div>
          ))}
        </details>
      )}
    </Notice>
  );
}

function Verify({ project, version }: { project: string; version: string }) {
  const verify = useVerify(project, version);
  const report = verify.data;
  return (
    <span className={classes.verify}>
      {report && (
        <StateBadge
          state={report.intact ? "verified" : "broken"}
          label={
            report.intact
              ? `${plural(report.num_checked, "image")} intact, ${duration(report.seconds)}`
              : `${plural(report.broken.length, "image")} changed: ${report.broken
                  .slice(0, 3)
                  .map((item) => item.name)
                  .join(", ")}`
          }
        />
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconShieldCheck size={15} />}
        loading={verify.isPending}
        onClick={() => { verify.mutate(); }}
      >
        Verify every byte
      </Button>
    </span>
  );
}
