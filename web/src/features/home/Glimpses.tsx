import { lazy, Suspense } from "react";

import { thumbnailUrl } from "@/api/images";

import classes from "./Glimpses.module.css";
import { useEstimates, useNewestImages, usePoorImages } from "./queries";

// The charting library is large: it arrives after the page is drawn.
const Trend = lazy(() => import("./Trend"));

/** The newest images, so that the data estate shows what it holds. */
export function NewestImages({ project }: { project: string }) {
  return <Strip project={project} imageIds={useNewestImages(project).data ?? []} />;
}

/** The images on their way back to the labeler. */
export function PoorImages({ project }: { project: string }) {
  return <Strip project={project} imageIds={usePoorImages(project).data ?? []} />;
}

function Strip({ project, imageIds }: { project: string; imageIds: readonly string[] }) {
  if (imageIds.length === 0) return null;
  return (
    <div className={classes.strip} aria-hidden>
      {imageIds.map((imageId) => (
        <img key={imageId} src={thumbnailUrl(project, imageId, 128)} alt="" loading="lazy" />
      ))}
    </div>
  );
}

/** How the estimated accuracy went over the last windows; the facts below say where it is. */
export function AccuracyTrend({ project }: { project: string }) {
  const values = useEstimates(project).data ?? [];
  if (values.length < 2) return null;
  return (
    <div className={classes.trend} role="img" aria-label="Estimated accuracy over the last windows">
      <Suspense fallback={<div className={classes.space} />}>
        <Trend values={values} />
      </Suspense>
    </div>
  );
}

const TARGETS = ["Online", "Batch", "Kubernetes"] as const;

/** The three ways to production that the reference draws; those in use stand out. */
export function Targets({ online }: { online: boolean }) {
  return (
    <div className={classes.targets}>
      {TARGETS.map((target) => {
        const used = target === "Online" && online;
        return (
          <span key={target} data-used={used || undefined} title={used ? "In use" : "Not set up"}>
            {target}
          </span>
        );
      })}
    </div>
  );
}
