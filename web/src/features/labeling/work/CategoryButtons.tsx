import { Kbd } from "@mantine/core";

import type { components } from "@/api/schema";
import { count, percent } from "@/ui/format";

import type { Shape } from "../canvas/shapes";
import type { Mode } from "./calls";
import { type LabelSchema, nested } from "./schema";
import classes from "./CategoryButtons.module.css";

export type Category = components["schemas"]["CategoryOut"];

interface CategoryButtonsProps {
  mode: Mode;
  categories: readonly Category[];
  shapes: readonly Shape[];
  schema: LabelSchema | null;
  /** The class of the shape in hand or of the next one. */
  active: string | null;
  wholeImage: boolean;
  onChoose: (name: string) => void;
}

/** The label schema as buttons with their keys; says how often, or how sure, each is there. */
export function CategoryButtons(props: CategoryButtonsProps) {
  const { mode, shapes, schema, active, wholeImage, onChoose } = props;
  const parents = new Map(schema?.classes.map(({ name, parent }) => [name, parent]));
  const helps = new Map(schema?.classes.map(({ name, help }) => [name, help]));
  return (
    <ul className={classes.list}>
      {nested(props.categories, parents).map(({ item: category, depth }) => {
        const members = shapes.filter((shape) => shape.category === category.name);
        const pressed = wholeImage ? members.length > 0 : active === category.name;
        const score = wholeImage ? (members[0]?.score ?? null) : null;
        return (
          <li key={category.name} style={{ paddingLeft: depth * 14 }}>
            <button
              type="button"
              className={classes.category}
              title={helps.get(category.name) || undefined}
              data-readonly={mode === "review" || undefined}
              aria-pressed={pressed}
              aria-disabled={mode === "review"}
              onClick={() => { if (mode === "label") onChoose(category.name); }}
            >
              <span className={classes.swatch} style={{ background: category.color }} />
              <span className={classes.name}>{category.name}</span>
              <span className={classes.right}>
                {score !== null && percent(score, 0)}
                {!wholeImage && members.length > 0 && count(members.length)}
              </span>
              {category.hotkey !== null && mode === "label" && <Kbd size="xs">{category.hotkey}</Kbd>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
