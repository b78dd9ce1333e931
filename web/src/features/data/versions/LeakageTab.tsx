import { Pagination, SegmentedControl } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";

import { thumbnailUrl } from "@/api/images";
import { projectPath, useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Figures } from "@/ui/Facts";
import { count, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";

import { KINDS } from "./leakKinds";
import classes from "./LeakageTab.module.css";
import { type LeakKind, type LeakPair, PAGE_SIZE, useLeakage } from "./queries";
import { useShownVersion } from "./VersionPage";

/** Images that are known on two sides of a split: a model could pass its test by remembering them. */
export function Component() {
  const project = useProject();
  const version = useShownVersion();
  const [kind, setKind] = useState("all");
  const [page, setPage] = useState(1);
  const leakage = useLeakage(project, version.id, kind === "all" ? null : (kind as LeakKind), page);
  return (
    <Loaded query={leakage}>
      {(data) =>
        Object.values(data.num_pairs).every((pairs) => pairs === 0) ? (
          <EmptyState title="No leak between the splits" icon={<IconShieldCheck size={22} stroke={1.6} />}>
            No image of validation or test shares its bytes, its group or its looks with one of another
            split.
          </EmptyState>
        ) : (
          <>
            <Figures items={figures(data.num_pairs, data.num_images)} />
            <Panel
              title="Pairs across splits"
              aside={
                <SegmentedControl
                  size="xs"
                  value={kind}
                  onChange={(value) => {
                    setKind(value);
                    setPage(1);
                  }}
                  data={[{ value: "all", label: "All" }, ...KINDS.map(({ kind: value, title }) => ({ value, label: title }))]}
                />
              }
            >
              <ul className={classes.list}>
                {data.items.map((pair) => (
                  <Pair key={`${pair.kind}${pair.first.image_id}${pair.second.image_id}`} project={project} pair={pair} />
                ))}
              </ul>
              {data.items.length === 0 && <p className="vl-dim">No pair of this kind.</p>}
              <Pagination
                size="sm"
                mt="md"
                hideWithOnePage
                value={page}
                onChange={setPage}
                total={Math.ceil(shownPairs(data.num_pairs, kind) / PAGE_SIZE)}
              />
            </Panel>
          </>
        )
      }
    </Loaded>
  );
}

function figures(pairs: Readonly<Record<string, number>>, images: Readonly<Record<string, number>>) {
  return KINDS.map(({ kind, title, what }) => ({
    label: title,
    value: plural(pairs[kind] ?? 0, "pair"),
    note: `${what}; ${count(images[kind] ?? 0)} images of validation or test`,
  }));
}

function shownPairs(pairs: Readonly<Record<string, number>>, kind: string): number {
  return kind === "all" ? Object.values(pairs).reduce((sum, item) => sum + item, 0) : (pairs[kind] ?? 0);
}

function Pair({ project, pair }: { project: string; pair: LeakPair }) {
  return (
    <li className={classes.pair}>
      {[pair.first, pair.second].map((side) => (
        <Link
          key={side.image_id}
          className={classes.side}
          to={`${projectPath(project, "/data")}?image=${side.image_id}`}
          title={side.name}
        >
          <img src={thumbnailUrl(project, side.image_id, 256)} alt={side.name} loading="lazy" />
          <span className={classes.split}>{side.split}</span>
          <span className={classes.name}>{side.name.split("/").at(-1)}</span>
        </Link>
      ))}
      <span className={classes.why}>{why(pair)}</span>
    </li>
  );
}

function why({ kind, distance, group_key: group }: LeakPair): string {
  const title = KINDS.find((item) => item.kind === kind)?.title ?? kind;
  if (distance !== null && distance > 0) return `${title}, ${plural(distance, "bit")} of 64 differ`;
  return group === null ? title : `${title}: ${group.length > 30 ? `${group.slice(0, 30)}…` : group}`;
}
