import { lazy, Suspense } from "react";

import { thumbnailUrl } from "@/api/images";
import { percent } from "@/ui/format";

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

/** How the estimated accuracy went over the last windows. */
export function AccuracyTrend({ project }: { project: string }) {
  const values = useEstimates(project).data ?? [];
  if (values.length < 2) return null;
  return (
    <div className={classes.trend}>
      <Suspense fallback={<div className={classes.space} />}>
        <Trend values={values} />
      </Suspense>
      <div className={classes.caption}>
        <span>Estimated accuracy</span>
        <span>{percent(values.at(-1), 0)}</span>
      </div>
    </div>
  );
}
