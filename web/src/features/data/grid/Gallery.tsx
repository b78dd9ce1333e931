import { useRef } from "react";

import type { ImageFilters } from "../filter/filters";
import { Grid, type GridDeeds } from "./Grid";
import { layOut, windowOf } from "./layout";
import type { Selection } from "./selection";
import { useImagesAt, useShapes } from "./useImages";
import { useViewport } from "./useViewport";

interface GalleryProps extends GridDeeds {
  project: string;
  filters: ImageFilters;
  total: number;
  size: number;
  overlays: boolean;
  selection: Selection;
  opened: string | null;
}

/** Height of the toolbar that stays above the grid while it scrolls. */
const COVERED = 50;
const NONE: readonly number[] = [];

/** Joins the scrolled window with the images and labels that it needs. */
export function Gallery({ filters, size, overlays, ...grid }: GalleryProps) {
  const content = useRef<HTMLDivElement>(null);
  const viewport = useViewport(content, COVERED);
  const { project, total } = grid;
  const layout = layOut(total, viewport.width, size);
  const shown = windowOf(layout, viewport.scrolled, viewport.height);
  const indices = Array.from({ length: Math.min(shown.last, total) - shown.first }, (_, at) => shown.first + at);
  const loaded = useImagesAt(project, filters, indices);
  const shapes = useShapes(project, overlays ? indices : NONE, loaded, viewport.settled);
  return (
    <Grid
      {...grid}
      content={content}
      layout={layout}
      shown={shown}
      viewport={viewport}
      loaded={loaded}
      shapes={shapes}
    />
  );
}
