import { IconArrowNarrowRight } from "@tabler/icons-react";
import { Link } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { plural, sentence } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";
import { Time } from "@/ui/Time";

import classes from "./LineageTab.module.css";
import { useVersionLineage, type Version, type VersionLineage } from "./queries";
import { useShownVersion } from "./VersionPage";

/** Where the version comes from, and what was made of it. */
export function Component() {
  const project = useProject();
  const version = useShownVersion();
  const lineage = useVersionLineage(project, version.id);
  return (
    <Panel title="From its parents to what depends on it">
      <Loaded query={lineage}>
        {(data) => (
          <div className={classes.chain}>
            <Stage title="Parents" none="The first of its name">
              {[...data.parents].reverse().map((item) => (
                <VersionNode key={item.id} project={project} version={item} />
              ))}
            </Stage>
            <Arrow />
            <Stage title="This version">
              {[<VersionNode key={version.id} project={project} version={data.version} isSubject />]}
            </Stage>
            <Arrow />
            <Stage title="Continued by" none="No later version yet">
              {data.children.map((item) => (
                <VersionNode key={item.id} project={project} version={item} />
              ))}
            </Stage>
            <Arrow />
            <Stage title="Used by" none="No run or model depends on it yet">
              {data.uses.map((use) => (
                <UseNode key={`${use.version}${use.kind}${use.id}`} project={project} use={use} />
              ))}
            </Stage>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Stage({ title, none, children }: { title: string; none?: string; children: React.ReactNode[] }) {
  return (
    <div className={classes.stage}>
      <span className={classes.kind}>{title}</span>
      {children.length === 0 ? <span className={classes.none}>{none}</span> : children}
    </div>
  );
}

function Arrow() {
  return <IconArrowNarrowRight className={classes.arrow} size={20} stroke={1.5} aria-hidden />;
}

interface VersionNodeProps {
  project: string;
  version: Version;
  isSubject?: boolean;
}

function VersionNode({ project, version, isSubject = false }: VersionNodeProps) {
  return (
    <Link
      className={classes.node}
      data-subject={isSubject || undefined}
      to={projectPath(project, `/data/versions/${encodeURIComponent(version.id)}/lineage`)}
    >
      <span className={classes.name}>{version.reference}</span>
      <span className={classes.fact}>
        {plural(version.num_images, "image")}
        {(version.tags ?? []).map((tag) => ` · ${tag}`)}
      </span>
      <span className={classes.fact}>
        {version.created_by} <Time iso={version.created_at} />
      </span>
    </Link>
  );
}

function UseNode({ project, use }: { project: string; use: VersionLineage["uses"][number] }) {
  const content = (
    <>
      <span className={classes.name}>{sentence(use.kind)}</span>
      <span className={classes.fact}>
        {use.id} on {use.version}
      </span>
    </>
  );
  if (use.kind !== "run") return <div className={classes.node}>{content}</div>;
  return (
    <Link className={classes.node} to={projectPath(project, `/runs/${use.id}`)}>
      {content}
    </Link>
  );
}
