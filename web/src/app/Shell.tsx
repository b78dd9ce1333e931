import { useEffect, useState } from "react";
import { Outlet, useLocation } from "react-router";

import { Navigation } from "@/app/Navigation";
import { UnknownProject } from "@/app/failures";
import { rememberProject, useProject, useProjects } from "@/app/project";
import { SignedIn } from "@/app/SignedIn";
import { TopBar } from "@/app/TopBar";

import classes from "./Shell.module.css";

const NARROW = "visionloop.narrow";

/** The frame of every page: navigation on the left, top bar, the page itself. */
export function Shell() {
  return (
    <SignedIn>
      <Frame />
    </SignedIn>
  );
}

function Frame() {
  const project = useProject();
  const projects = useProjects().data;
  const isUnknown = projects !== undefined && !projects.items.some((item) => item.name === project);
  const { pathname } = useLocation();
  const [narrow, setNarrow] = useState(() => localStorage.getItem(NARROW) === "yes");

  useEffect(() => {
    if (!isUnknown) rememberProject(project);
  }, [project, isUnknown]);
  useEffect(() => {
    document.getElementById("page")?.scrollTo({ top: 0 });
  }, [pathname]);

  return (
    <div className={classes.frame} data-narrow={narrow || undefined}>
      <a className={classes.skip} href="#page">
        Skip to the page
      </a>
      <Navigation
        narrow={narrow}
        onToggle={() => {
          localStorage.setItem(NARROW, narrow ? "no" : "yes");
          setNarrow(!narrow);
        }}
      />
      <TopBar />
      <main id="page" className={classes.page} tabIndex={-1}>
        {isUnknown ? <UnknownProject name={project} /> : <Outlet />}
      </main>
    </div>
  );
}
