import { useCategoryColors } from "@/app/categories";
import type { components } from "@/api/schema";
import { CategoryChip } from "@/ui/CategoryChip";
import { count, percent } from "@/ui/format";
import { Time } from "@/ui/Time";

import classes from "./AnnotationList.module.css";

const SHOWN = 40;

/** "human: lena"; an author that names its kind already, such as "import:scenes", stands alone. */
function madeBy({ source, author }: components["schemas"]["AnnotationOut"]): string {
  if (author.startsWith(source)) return author;
  return `${source}: ${author || "unknown"}`;
}

/** Who or what said what about an image. */
export function AnnotationList({ set }: { set: components["schemas"]["AnnotationSetOut"] }) {
  const colors = useCategoryColors();
  if (set.annotations.length === 0) {
    return <p className={classes.none}>None yet. Queue the image for labeling, or import labels.</p>;
  }
  return (
    <>
      <ul className={classes.list}>
        {set.annotations.slice(0, SHOWN).map((annotation) => (
          <li key={annotation.id}>
            <CategoryChip name={annotation.category} color={colors.get(annotation.category)} />
            <span className={classes.kind}>
              {annotation.kind}
              {annotation.score !== null && ` ${percent(annotation.score, 0)}`}
            </span>
            <span className={classes.author}>
              {madeBy(annotation)}
              {annotation.reviewed_by !== null && `, reviewed by ${annotation.reviewed_by}`}
            </span>
          </li>
        ))}
      </ul>
      <p className={classes.none}>
        {set.annotations.length > SHOWN && `and ${count(set.annotations.length - SHOWN)} more · `}
        Revision {set.revision}, saved <Time iso={set.updated_at} /> by {set.updated_by}
      </p>
    </>
  );
}
