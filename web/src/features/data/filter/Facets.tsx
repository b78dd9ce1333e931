import { useState } from "react";

import { useCategoryColors } from "@/app/categories";
import { useProject } from "@/app/project";
import { count, words } from "@/ui/format";
import { ShowAll } from "@/ui/ShowAll";

import classes from "./Facets.module.css";
import { fieldTitle } from "./fieldTitle";
import { readCondition, toggled } from "./filters";
import { Histogram } from "./Histogram";
import { type Facet, useFacets } from "./queries";

interface FacetsProps {
  where: readonly string[];
  onChange: (where: string[]) => void;
}

const NONE: Record<string, string> = { label: "no label", tag: "no tag", split: "in no version", camera: "unknown" };

/** How many images have what; a click narrows the grid to it, a second gives it back. */
export function Facets({ where, onChange }: FacetsProps) {
  const project = useProject();
  const facets = useFacets(project, where).data?.items ?? [];
  return (
    <aside className={classes.side} aria-label="Facets">
      {facets.map((facet) => (
        <FacetGroup key={facet.field} facet={facet} where={where} onChange={onChange} />
      ))}
      <Histogram where={where} onChange={onChange} />
    </aside>
  );
}

interface FacetGroupProps extends FacetsProps {
  facet: Facet;
}

const FIRST = 7;

function FacetGroup({ facet, where, onChange }: FacetGroupProps) {
  const { field } = facet;
  const [all, setAll] = useState(false);
  const condition = where.find((text) => readCondition(field, text) !== null);
  const chosen = condition === undefined ? [] : (readCondition(field, condition) ?? []);
  const project = useProject();
  const colors = useCategoryColors();
  // What else could be chosen is counted as if nothing of this field were.
  const others = where.filter((text) => text !== condition);
  const open = useFacets(project, others, condition === undefined ? [] : [field]).data?.items[0];
  const values = (condition === undefined ? facet : (open ?? facet)).values;
  const divides = values.length > 1 || (field === "tag" && values.length > 0);
  if (!divides && chosen.length === 0) return null;
  return (
    <section className={classes.group}>
      <h3>{fieldTitle(field)}</h3>
      <ul>
        {values.slice(0, all ? undefined : FIRST).map(({ value, count: images }) => (
          <li key={value ?? ""}>
            <label className={classes.value} data-chosen={chosen.includes(value) || undefined}>
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                onChange={() => { onChange(toggled(where, field, value)); }}
              />
              {field === "label" && value !== null && (
                <span className={classes.swatch} style={{ background: colors.get(value) ?? "var(--vl-idle)" }} />
              )}
              <span className={classes.name} title={value ?? undefined}>
                {value === null ? (NONE[field] ?? "none") : words(value)}
              </span>
              <span className={classes.count}>{`${facet.is_exact ? "" : "~"}${count(images)}`}</span>
            </label>
          </li>
        ))}
      </ul>
      <ShowAll total={values.length} first={FIRST} all={all} onChange={setAll} />
    </section>
  );
}
