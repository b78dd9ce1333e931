import { Checkbox, Skeleton } from "@mantine/core";

import { thumbnailUrl } from "@/api/images";
import { useCategoryColors } from "@/app/categories";
import { CategoryChip } from "@/ui/CategoryChip";
import { plural, sentence } from "@/ui/format";
import { StateDot } from "@/ui/State";
import { toneOf } from "@/ui/tones";

import classes from "./ImageGrid.module.css";
import { type ImageSummary } from "./queries";

interface ImageGridProps {
  project: string;
  items: readonly ImageSummary[];
  opened: string | null;
  selected: ReadonlySet<string>;
  onOpen: (id: string) => void;
  onSelect: (ids: ReadonlySet<string>) => void;
}

/** Thumbnails with their labels; a click inspects, the box in the corner selects. */
export function ImageGrid({ project, items, opened, selected, onOpen, onSelect }: ImageGridProps) {
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  return (
    <ul className={classes.grid} data-selecting={selected.size > 0 || undefined}>
      {items.map((image) => (
        <li key={image.id} className={classes.card} data-opened={image.id === opened || undefined}>
          <button
            type="button"
            className={classes.open}
            onClick={() => { onOpen(image.id); }}
            aria-label={`Inspect ${image.name}`}
          >
            <img
              className={classes.image}
              src={thumbnailUrl(project, image.id, 256)}
              alt=""
              loading="lazy"
              decoding="async"
              data-excluded={image.status === "excluded" || undefined}
            />
            <CardText image={image} />
          </button>
          <Checkbox
            className={classes.check}
            size="xs"
            checked={selected.has(image.id)}
            onChange={() => { toggle(image.id); }}
            aria-label={`Select ${image.name}`}
          />
        </li>
      ))}
    </ul>
  );
}

const SHOWN_LABELS = 2;

function CardText({ image }: { image: ImageSummary }) {
  const colors = useCategoryColors();
  const hidden = image.labels.length - SHOWN_LABELS;
  return (
    <div className={classes.text}>
      <div className={classes.labels} title={image.labels.join(", ")}>
        {image.labels.slice(0, SHOWN_LABELS).map((label) => (
          <CategoryChip key={label} name={label} color={colors.get(label)} />
        ))}
        {image.labels.length === 0 && <span className="vl-dim">no label</span>}
        {hidden > 0 && <span className="vl-dim">+{hidden}</span>}
      </div>
      <div className={classes.meta}>
        <StateDot tone={toneOf(image.annotation_status)} label={sentence(image.annotation_status)} />
        <span className={classes.name} title={image.name}>
          {image.name.split("/").at(-1)}
        </span>
        {image.origin === "production" && <span className={classes.origin}>production</span>}
        {image.num_annotations > 1 && <span>{plural(image.num_annotations, "shape")}</span>}
      </div>
    </div>
  );
}

export function GridSkeleton() {
  return (
    <div className={classes.grid} aria-busy="true" aria-label="Loading images">
      {Array.from({ length: 18 }, (_, index) => (
        <Skeleton key={index} className={classes.skeleton} />
      ))}
    </div>
  );
}
