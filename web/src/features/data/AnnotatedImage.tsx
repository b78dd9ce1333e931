import { useState } from "react";

import { thumbnailUrl } from "@/api/images";
import { useCategoryColors } from "@/app/categories";
import type { components } from "@/api/schema";

import classes from "./AnnotatedImage.module.css";
import { type ImageDetail } from "./queries";

type Annotation = components["schemas"]["AnnotationOut"];

/** A large view of an image with its boxes and polygons drawn over it. */
export function AnnotatedImage({ project, detail }: { project: string; detail: ImageDetail }) {
  const { image, annotations } = detail;
  const [loaded, setLoaded] = useState<string | null>(null);
  return (
    <figure className={classes.figure}>
      <div
        className={classes.picture}
        style={{ aspectRatio: `${String(image.width)} / ${String(image.height)}` }}
      >
        <img
          src={thumbnailUrl(project, image.id, 1024)}
          alt={image.name}
          onLoad={() => { setLoaded(image.id); }}
        />
        {loaded === image.id && (
          <Overlay annotations={annotations.annotations} width={image.width} height={image.height} />
        )}
      </div>
    </figure>
  );
}

interface OverlayProps {
  annotations: readonly Annotation[];
  width: number;
  height: number;
}

function Overlay({ annotations, width, height }: OverlayProps) {
  const colors = useCategoryColors();
  return (
    <svg className={classes.overlay} viewBox={`0 0 ${String(width)} ${String(height)}`} aria-hidden>
      {annotations.map((annotation) => {
        const color = colors.get(annotation.category) ?? "#8a94a3";
        const path = outline(annotation);
        return path && <path key={annotation.id} d={path} stroke={color} fill={color} />;
      })}
    </svg>
  );
}

/** The outline of an annotation as an SVG path, or null for a label of the whole image. */
function outline({ kind, bbox, segmentation }: Annotation): string | null {
  if (Array.isArray(segmentation)) {
    return segmentation.map((ring: unknown) => ringPath(ring, kind !== "polyline")).join("");
  }
  if (bbox === null) return null;
  const [x1, y1, x2, y2] = bbox.map(String);
  return `M${x1 ?? ""} ${y1 ?? ""}H${x2 ?? ""}V${y2 ?? ""}H${x1 ?? ""}Z`;
}

function ringPath(ring: unknown, closed: boolean): string {
  if (!Array.isArray(ring)) return "";
  const points: string[] = [];
  for (let i = 0; i + 1 < ring.length; i += 2) {
    points.push(`${String(ring[i])} ${String(ring[i + 1])}`);
  }
  return `M${points.join("L")}${closed ? "Z" : ""}`;
}
