import { Pagination, SegmentedControl, Select } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import { useSearchParams } from "react-router";

import { useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Figures } from "@/ui/Facts";
import { count } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";

import { ChangeCard } from "./ChangeCard";
import classes from "./ChangesTab.module.css";
import { type ChangeKind, PAGE_SIZE, useChanges, useDiff, useVersions, type Version } from "./queries";
import { useShownVersion } from "./VersionPage";

const KINDS = [
  { value: "all", label: "All" },
  { value: "added", label: "Added" },
  { value: "removed", label: "Removed" },
  { value: "relabeled", label: "Relabeled" },
  { value: "moved", label: "Moved" },
  { value: "edited", label: "Edited" },
];

/** What changed since another version: numbers, then every image before and after. */
export function Component() {
  const project = useProject();
  const version = useShownVersion();
  const [search, setSearch] = useSearchParams();
  const others = (useVersions(project).data?.items ?? []).filter((item) => item.id !== version.id);
  const against = search.get("against") ?? version.parent_id ?? others[0]?.id ?? null;
  if (against === null) {
    return (
      <EmptyState title="There is nothing to compare with yet" icon={<IconArrowsDiff size={22} stroke={1.6} />}>
        Once a second version is frozen, this page shows every image that they hold differently.
      </EmptyState>
    );
  }
  return (
    <>
      <div className={classes.bar}>
        <span className="vl-dim">Since</span>
        <Select
          size="xs"
          w={210}
          aria-label="Compare with"
          allowDeselect={false}
          value={against}
          onChange={(value) => { setSearch(value === null ? {} : { against: value }); }}
          data={others.map((item) => ({ value: item.id, label: item.reference }))}
        />
      </div>
      <Numbers project={project} version={version} against={against} />
      <Changes key={against} project={project} version={version} against={against} />
    </>
  );
}

interface ComparedProps {
  project: string;
  version: Version;
  against: string;
}

function Numbers({ project, version, against }: ComparedProps) {
  const diff = useDiff(project, version.id, against);
  return (
    <Loaded query={diff}>
      {(data) => (
        <>
          <Figures
            items={[
              { label: "Added", value: count(data.num_added) },
              { label: "Removed", value: count(data.num_removed) },
              { label: "Relabeled", value: count(data.num_relabeled) },
              { label: "Moved to another split", value: count(data.num_moved) },
              { label: "Edited", value: count(data.num_edited) },
              { label: "Unchanged", value: count(data.num_unchanged) },
            ]}
          />
          <Classes added={data.classes_added} removed={data.classes_removed} />
        </>
      )}
    </Loaded>
  );
}

function Classes({ added, removed }: { added: readonly string[]; removed: readonly string[] }) {
  if (added.length + removed.length === 0) return null;
  return (
    <p className={classes.classes}>
      {added.length > 0 && `New classes: ${added.join(", ")}. `}
      {removed.length > 0 && `Classes that are gone: ${removed.join(", ")}.`}
    </p>
  );
}

function Changes({ project, version, against }: ComparedProps) {
  const [search, setSearch] = useSearchParams({ against });
  const kind = search.get("kind") ?? "all";
  const page = Number(search.get("page") ?? "1");
  const changes = useChanges(project, version.id, {
    against,
    kind: kind === "all" ? null : (kind as ChangeKind),
    page,
  });
  const go = (values: Record<string, string>) => { setSearch({ against, ...values }); };
  return (
    <Panel
      title="Images before and after"
      aside={
        <SegmentedControl size="xs" value={kind} onChange={(value) => { go({ kind: value }); }} data={KINDS} />
      }
    >
      <Loaded query={changes}>
        {(data) =>
          data.total === 0 ? (
            <p className="vl-dim">{kind === "all" ? "The two versions hold the same." : `No image was ${kind}.`}</p>
          ) : (
            <>
              <ul className={classes.list}>
                {data.items.map((change) => (
                  <ChangeCard key={change.image_id} project={project} change={change} />
                ))}
              </ul>
              {data.total > PAGE_SIZE && (
                <Pagination
                  size="sm"
                  mt="md"
                  value={page}
                  total={Math.ceil(data.total / PAGE_SIZE)}
                  onChange={(next) => { go({ kind, page: String(next) }); }}
                />
              )}
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}
