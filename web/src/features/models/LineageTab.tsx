import { IconArrowNarrowRight } from "@tabler/icons-react";
import { Fragment } from "react";
import { Link, useOutletContext } from "react-router";

import { projectPath, useProject } from "@/app/project";
import { sentence, words } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Panel } from "@/ui/Page";
import { Time } from "@/ui/Time";

import classes from "./Models.module.css";
import { type LineageNode, type ModelVersionDetail, useLineage } from "./queries";
import { nodeLink, toStages } from "./stages";

/** The chain behind a version and after it: data, run, evaluation, version, deployments. */
export function Component() {
  const project = useProject();
  const { version } = useOutletContext<ModelVersionDetail>();
  const lineage = useLineage(project, version.model, String(version.version));
  return (
    <Panel title="From data to production">
      <Loaded query={lineage}>
        {({ nodes }) => (
          <div className={classes.chain}>
            {toStages(nodes).map((stage, index) => (
              <Fragment key={stage.kind}>
                {index > 0 && (
                  <span className={classes.arrow} aria-hidden>
                    <IconArrowNarrowRight size={20} stroke={1.5} />
                  </span>
                )}
                <div className={classes.stage}>
                  {stage.nodes.map((node) => (
                    <Node
                      key={node.id}
                      node={node}
                      link={nodeLink(node, version.run_id)}
                      isSubject={node.id === version.reference}
                    />
                  ))}
                </div>
              </Fragment>
            ))}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

interface NodeProps {
  node: LineageNode;
  link: string | null;
  isSubject: boolean;
}

function Node({ node, link, isSubject }: NodeProps) {
  const project = useProject();
  const content = (
    <>
      <div className={classes.kind}>{sentence(node.kind)}</div>
      <div className={classes.name}>{node.name}</div>
      {Object.entries(node.facts)
        .filter(([, value]) => value !== "")
        .slice(0, 4)
        .map(([name, value]) => (
          <span key={name} className={classes.fact}>
            {words(name)} {value}
          </span>
        ))}
      {node.created_at !== null && (
        <span className={classes.fact}>
          {node.created_by} <Time iso={node.created_at} />
        </span>
      )}
    </>
  );
  if (link === null) {
    return (
      <div className={classes.node} data-subject={isSubject || undefined}>
        {content}
      </div>
    );
  }
  return (
    <Link className={classes.node} to={projectPath(project, link)}>
      {content}
    </Link>
  );
}
