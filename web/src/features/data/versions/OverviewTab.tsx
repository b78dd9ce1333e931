import { useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Facts, Figures } from "@/ui/Facts";
import { count, percent, plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { Panel } from "@/ui/Page";

import { ClassCounts } from "./ClassCounts";
import classes from "./OverviewTab.module.css";
import { useDelete, type Version } from "./queries";
import { Restore } from "./Restore";
import { useShownVersion } from "./VersionPage";

const SPLITS = { train: "Train", val: "Validation", test: "Test" } as const;

/** What was frozen: sizes, classes, splits, and how it was chosen. */
export function Component() {
  const version = useShownVersion();
  return (
    <>
      <Warnings items={version.warnings} />
      <Figures
        items={[
          { label: "Images", value: count(version.num_images) },
          { label: "Annotations", value: count(version.num_annotations) },
          ...Object.entries(SPLITS).map(([name, label]) => ({
            label,
            value: count(version.splits[name] ?? 0),
            note: percent((version.splits[name] ?? 0) / Math.max(version.num_images, 1), 0),
          })),
        ]}
      />
      <div className={classes.columns}>
        <Panel title="Images per class and split">
          <ClassCounts version={version} />
        </Panel>
        <Panel title="How it was chosen" aside={<Deeds version={version} />}>
          <Facts
            items={[
              { label: "Filters", value: version.filters.join(" and ") || "all labeled images" },
              { label: "Shares", value: shares(version) },
              { label: "Seed", value: String(version.seed) },
              { label: "Classes", value: count(version.classes.length) },
              { label: "Notes", value: version.notes || "none" },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

function shares({ fractions }: Version): string {
  return Object.entries(SPLITS)
    .map(([name, label]) => `${label.toLowerCase()} ${percent(fractions[name] ?? 0, 0)}`)
    .join(", ");
}

function Deeds({ version }: { version: Version }) {
  return (
    <span>
      <Restore project={useProject()} version={version} />
      <Delete version={version} />
    </span>
  );
}

function Delete({ version }: { version: Version }) {
  const project = useProject();
  const navigate = useNavigate();
  const remove = useDelete(project);
  return (
    <Allowed right="manage_data">
      <ConfirmButton
        size="compact-xs"
        variant="subtle"
        color="red"
        question={`${version.reference} is deleted for good. Its images and live labels stay. It is refused while a run, a model, a tag or another version depends on it.`}
        confirm="Delete"
        onConfirm={() => {
          remove.mutate(version.id, {
            onSuccess: () => void navigate(projectPath(project, "/data/versions")),
          });
        }}
      >
        Delete
      </ConfirmButton>
    </Allowed>
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
