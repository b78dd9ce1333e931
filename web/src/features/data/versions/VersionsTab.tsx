import { Button } from "@mantine/core";
import { IconSnowflake } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath, useProject } from "@/app/project";
import { Command } from "@/ui/Command";
import { type Column, DataTable } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { EmptyState } from "@/ui/EmptyState";
import { count } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { Time } from "@/ui/Time";

import { PruneDialog } from "./PruneDialog";
import { useVersions, type Version } from "./queries";
import { SplitBar } from "./SplitBar";
import classes from "./VersionsTab.module.css";

const COLUMNS: readonly Column<Version>[] = [
  { key: "reference", title: "Version", cell: (row) => <Name version={row} /> },
  { key: "images", title: "Images", align: "right", cell: (row) => count(row.num_images) },
  { key: "annotations", title: "Annotations", align: "right", cell: (row) => count(row.num_annotations) },
  { key: "splits", title: "Train, validation, test", cell: (row) => <SplitBar splits={row.splits} />, width: 230 },
  { key: "classes", title: "Classes", align: "right", cell: (row) => count(row.classes.length) },
  { key: "digest", title: "Digest", cell: (row) => <Digest value={row.digest} /> },
  { key: "created", title: "Frozen", cell: (row) => <Time iso={row.created_at} /> },
  { key: "by", title: "By", cell: (row) => row.created_by },
];

function Name({ version }: { version: Version }) {
  return (
    <span className={classes.name}>
      <strong>{version.reference}</strong>
      {(version.tags ?? []).map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}

export function Component() {
  const project = useProject();
  const navigate = useNavigate();
  const versions = useVersions(project);
  const [pruning, setPruning] = useState(false);
  return (
    <>
    <Panel
      title="Frozen versions"
      aside={
        <Allowed right="manage_data">
          <Button size="compact-xs" variant="subtle" onClick={() => { setPruning(true); }}>
            Delete old versions
          </Button>
        </Allowed>
      }
      flush
    >
      <DataTable
        query={versions}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onOpen={(row) => void navigate(projectPath(project, `/data/versions/${encodeURIComponent(row.id)}`))}
        empty={
          <EmptyState title="No version is frozen yet" icon={<IconSnowflake size={22} stroke={1.6} />}>
            A version is an immutable list of images with their labels and splits. Models are trained
            on versions, never on labels that may still change.
            <Command>{`visionloop data freeze ${project} --project ${project}`}</Command>
          </EmptyState>
        }
      />
    </Panel>
    <PruneDialog key={String(pruning)} project={project} opened={pruning} onClose={() => { setPruning(false); }} />
    </>
  );
}
