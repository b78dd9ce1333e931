import type { ReactNode } from "react";

import classes from "./Page.module.css";

interface PageProps {
  title: string;
  /** One sentence: what this page is for. */
  lead?: ReactNode;
  /** Buttons on the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame inside a page: title, lead, actions, content. */
export function Page({ title, lead, actions, children }: PageProps) {
  return (
    <div className={classes.page}>
      <title>{`${title} · Visionloop`}</title>
      <div className={classes.head}>
        <div>
          <h1 className={classes.title}>{title}</h1>
          {lead !== undefined && <p className={classes.lead}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  aside?: ReactNode;
  /** Tables and grids reach the edge; text does not. */
  flush?: boolean;
  children: ReactNode;
}

/** A bordered surface with an optional heading; the building block of pages. */
export function Panel({ title, aside, flush = false, children }: PanelProps) {
  return (
    <section className={classes.panel}>
      {title !== undefined && (
        <div className={classes.panelHead}>
          <h2 className={classes.panelTitle}>{title}</h2>
          {aside}
        </div>
      )}
      <div className={flush ? classes.flush : classes.inside}>{children}</div>
    </section>
  );
}
