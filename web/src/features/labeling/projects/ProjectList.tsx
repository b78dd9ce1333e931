import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { Allowed } from "@/app/Allowed";
import { projectPath } from "@/app/project";
import { percent, plural } from "@/ui/format";
import { Panel } from "@/ui/Page";

import { ProjectDialog } from "./ProjectDialog";
import classes from "./projects.module.css";
import { useLabelingProjects } from "./queries";

/** The labeling projects, and a way to set up another. */
export function ProjectList({ project }: { project: string }) {
  const projects = useLabelingProjects(project);
  const [isNew, setIsNew] = useState(false);
  if (projects.data === undefined) return null;
  return (
    <Panel
      title="Labeling projects"
      aside={
        <Allowed right="manage_data">
          <Button size="xs" variant="default" onClick={() => { setIsNew(true); }}>New labeling project</Button>
        </Allowed>
      }
    >
      {projects.data.items.length === 0 ? (
        <p className="vl-dim">
          None yet. A labeling project gives a queue its images, instructions, members, several annotators an image and
          hidden tests.
        </p>
      ) : (
        <ul className={classes.list}>
          {projects.data.items.map((item) => (
            <li key={item.name}>
              <Link to={projectPath(project, `/labeling/projects/${encodeURIComponent(item.name)}`)}>
                <strong>{item.title === "" ? item.name : item.title}</strong>
                <span className="vl-dim">
                  {plural(item.num_annotators, "annotator")} an image
                  {item.gold_share > 0 && `, ${percent(item.gold_share, 0)} hidden tests`}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {isNew && <ProjectDialog project={project} onClose={() => { setIsNew(false); }} />}
    </Panel>
  );
}
