import { useState } from "react";

import type { components } from "@/api/schema";
import { useCategoryColors } from "@/app/categories";
import { CategoryChip } from "@/ui/CategoryChip";
import { percent, words } from "@/ui/format";
import { ShowAll } from "@/ui/ShowAll";
import { Time } from "@/ui/Time";

import classes from "./LabelsPanel.module.css";

type Annotation = components["schemas"]["AnnotationOut"];

interface LabelsPanelProps {
  set: components["schemas"]["AnnotationSetOut"];
  /** Called with the label under the cursor, so that it stands out in the image. */
  onLit: (id: string | null) => void;
}

const SHOWN = 60;

/** Who or what said what about an image. */
export function LabelsPanel({ set, onLit }: LabelsPanelProps) {
  const [all, setAll] = useState(false);
  const colors = useCategoryColors();
  if (set.annotations.length === 0) {
    return (
      <p className={classes.none}>
        {set.status === "unlabeled"
          ? "No label yet. Queue the image for labeling, or import labels."
          : "Checked: there is nothing to label in this image."}
      </p>
    );
  }
  return (
    <>
      <Tally annotations={set.annotations} />
      <ul className={classes.list} onMouseLeave={() => { onLit(null); }}>
        {set.annotations.slice(0, all ? undefined : SHOWN).map((annotation) => (
          <li key={annotation.id} onMouseEnter={() => { onLit(annotation.id); }}>
            <span className={classes.head}>
              <CategoryChip name={annotation.category} color={colors.get(annotation.category)} />
              <span className={classes.kind}>
                {words(annotation.kind)}
                {annotation.score !== null && ` ${percent(annotation.score, 0)}`}
              </span>
              <span className={classes.author}>{madeBy(annotation)}</span>
            </span>
            <Extras values={annotation.attributes} />
          </li>
        ))}
      </ul>
      <ShowAll total={set.annotations.length} first={SHOWN} all={all} onChange={setAll} />
      <Extras values={set.attributes} />
      <p className={classes.none}>
        Revision {set.revision}, saved <Time iso={set.updated_at} /> by {set.updated_by}
      </p>
    </>
  );
}

/** "human: lena"; an author that names its kind already, such as "import:scenes", stands alone. */
function madeBy({ source, author, reviewed_by: reviewer }: Annotation): string {
  const made = author.startsWith(source) ? author : `${source}: ${author || "unknown"}`;
  return reviewer === null ? made : `${made}, reviewed by ${reviewer}`;
}

/** How many of each class, where there are too many to count at a glance. */
function Tally({ annotations }: { annotations: readonly Annotation[] }) {
  const colors = useCategoryColors();
  if (annotations.length < 5) return null;
  const counts = new Map<string, number>();
  for (const { category } of annotations) counts.set(category, (counts.get(category) ?? 0) + 1);
  return (
    <div className={classes.tally}>
      {[...counts].map(([name, images]) => (
        <CategoryChip key={name} name={name} color={colors.get(name)} note={String(images)} />
      ))}
    </div>
  );
}

/** Attributes such as "occluded: true" in one quiet line. */
function Extras({ values }: { values: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  const text = entries.map(([key, value]) => `${words(key)}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return <span className={classes.extras}>{text.join(", ")}</span>;
}
