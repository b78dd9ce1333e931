import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";

import { thumbnailUrl } from "@/api/images";
import type { components } from "@/api/schema";

import { LabelCanvas } from "./LabelCanvas";
import classes from "./LabeledPhoto.module.css";
import { place } from "./paint";
import { readShapes } from "./shapes";

interface LabeledPhotoProps {
  project: string;
  imageId: string;
  name: string;
  width: number;
  height: number;
  annotations: readonly components["schemas"]["AnnotationOut"][];
  /** Longest side of the thumbnail that is asked for. */
  size?: number;
}

/** A thumbnail with labels over it, as wide as its place. */
export function LabeledPhoto({ project, imageId, name, width, height, annotations, size = 256 }: LabeledPhotoProps) {
  const { ref, width: wide, height: high } = useElementSize<HTMLSpanElement>();
  const shapes = useMemo(() => readShapes(annotations), [annotations]);
  return (
    <span ref={ref} className={classes.photo}>
      <img src={thumbnailUrl(project, imageId, size)} alt={name} loading="lazy" decoding="async" />
      {shapes.length > 0 && wide > 0 && (
        <LabelCanvas
          shapes={shapes}
          at={place({ width, height }, { width: wide, height: high })}
          width={wide}
          height={high}
        />
      )}
    </span>
  );
}
