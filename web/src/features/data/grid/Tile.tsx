import { memo } from "react";

import { thumbnailUrl } from "@/api/images";
import { useCategoryColors } from "@/app/categories";
import { CategoryChip } from "@/ui/CategoryChip";
import { plural, sentence } from "@/ui/format";
import { StateDot } from "@/ui/State";
import { toneOf } from "@/ui/tones";

import { LabelCanvas } from "../overlay/LabelCanvas";
import { place } from "../overlay/paint";
import type { Shape } from "../overlay/shapes";
import type { ImageSummary } from "../queries";
import classes from "./Grid.module.css";
import { BARE_WIDTH } from "./layout";
import { Thumbnail } from "./Thumbnail";

interface TileProps {
  project: string;
  index: number;
  total: number;
  image: ImageSummary | undefined;
  shapes: readonly Shape[] | undefined;
  width: number;
  height: number;
  chosen: boolean;
  active: boolean;
  opened: boolean;
}

/** One image of the grid; the list around it hears its clicks. */
export const Tile = memo(function Tile(props: TileProps) {
  const { project, index, total, image, shapes, width, height, chosen, active, opened } = props;
  const bare = width < BARE_WIDTH;
  const pictureHeight = Math.round(width * 0.75);
  return (
    <li
      id={tileId(index)}
      role="option"
      className={classes.tile}
      style={{ height }}
      data-index={index}
      data-active={active || undefined}
      data-opened={opened || undefined}
      aria-selected={chosen}
      aria-setsize={total}
      aria-posinset={index + 1}
      aria-label={image?.name ?? "Loading"}
    >
      <div className={classes.picture} style={{ height: pictureHeight }}>
        {image !== undefined && (
          <>
            <Thumbnail
              key={image.id}
              src={thumbnailUrl(project, image.id, sizeFor(width))}
              excluded={image.status === "excluded"}
            />
            {shapes !== undefined && shapes.length > 0 && (
              <LabelCanvas
                shapes={shapes}
                at={place(image, { width: width - 2, height: pictureHeight })}
                width={width - 2}
                height={pictureHeight}
              />
            )}
          </>
        )}
      </div>
      {image !== undefined && !bare && <Caption image={image} />}
      {image !== undefined && <span className={classes.check} data-check title="Select" />}
    </li>
  );
});

export function tileId(index: number): string {
  return `tile-${String(index)}`;
}

/** The smallest kept size that is sharp on this screen. */
function sizeFor(width: number): number {
  const pixels = width * window.devicePixelRatio;
  return pixels <= 150 ? 128 : pixels <= 300 ? 256 : 512;
}

const SHOWN_LABELS = 2;

function Caption({ image }: { image: ImageSummary }) {
  const colors = useCategoryColors();
  const hidden = image.labels.length - SHOWN_LABELS;
  return (
    <div className={classes.caption}>
      <div className={classes.labels} title={image.labels.join(", ")}>
        {image.labels.slice(0, SHOWN_LABELS).map((label) => (
          <CategoryChip key={label} name={label} color={colors.get(label)} />
        ))}
        {image.labels.length === 0 && <span className="vl-dim">no label</span>}
        {hidden > 0 && <span className={classes.more}>+{hidden}</span>}
      </div>
      <div className={classes.meta}>
        <StateDot tone={toneOf(image.annotation_status)} label={sentence(image.annotation_status)} />
        <span className={classes.name} title={image.name}>
          {image.name.split("/").at(-1)}
        </span>
        {image.origin === "production" && <span className={classes.origin}>production</span>}
        {image.num_annotations > 1 && <span>{plural(image.num_annotations, "label")}</span>}
      </div>
    </div>
  );
}
