import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { api, body } from "@/api/client";
import type { components } from "@/api/schema";

import type { Bones } from "../canvas/paint/look";
import type { Shape } from "../canvas/shapes";

type Schemas = components["schemas"];
export type LabelSchema = Schemas["LabelSchemaOut"];
export type LabelClass = Schemas["LabelClassBody"];
export type Attribute = Schemas["AttributeBody"];
export type Values = Readonly<Record<string, unknown>>;

/** What may be said about images of a project; null until it has arrived. */
export function useLabelSchema(project: string): LabelSchema | null {
  const schema = useQuery({
    queryKey: [project, "labeling", "schema"],
    queryFn: () =>
      body(api.GET("/api/v1/projects/{project}/labeling/schema", { params: { path: { project } } })),
    staleTime: 60_000,
  });
  // The client widens pairs to lists.
  return (schema.data ?? null) as LabelSchema | null;
}

/** The attributes of shapes of one class. */
export function shapeAttributes(schema: LabelSchema | null, category: string): readonly Attribute[] {
  return (schema?.attributes ?? []).filter(
    ({ scope, classes }) => scope === "shape" && (!classes?.length || classes.includes(category)),
  );
}

/** The attributes of the whole image. */
export function imageAttributes(schema: LabelSchema | null): readonly Attribute[] {
  return (schema?.attributes ?? []).filter(({ scope }) => scope === "image");
}

/** Values with the defaults of attributes that say nothing yet. */
export function withDefaults(values: Values, attributes: readonly Attribute[]): Values {
  const missing = attributes.filter(({ name, default: first }) => values[name] === undefined && first != null);
  if (missing.length === 0) return values;
  return { ...Object.fromEntries(missing.map(({ name, default: first }) => [name, first])), ...values };
}

/** A shape that was just drawn, with what its class starts with. */
export function begun(shape: Shape, schema: LabelSchema | null): Shape {
  return { ...shape, attributes: withDefaults(shape.attributes, shapeAttributes(schema, shape.category)) };
}

const NO_NAMES: readonly string[] = [];

/** The names of a class' keypoints; empty where any points may be set. */
export function pointNames(schema: LabelSchema | null, category: string): readonly string[] {
  return schema?.classes.find(({ name }) => name === category)?.skeleton?.points ?? NO_NAMES;
}

/** The lines between keypoints, of every class that has a skeleton. */
export function useBones(schema: LabelSchema | null): ReadonlyMap<string, Bones> {
  return useMemo(
    () => new Map(schema?.classes.flatMap(({ name, skeleton }) => (skeleton ? [[name, skeleton.edges ?? []] as const] : []))),
    [schema],
  );
}

/** Classes in their order, each below the class that it is a kind of, with its depth. */
export function nested<Item extends { name: string }>(
  items: readonly Item[],
  parentOf: ReadonlyMap<string, string | null | undefined>,
): readonly { item: Item; depth: number }[] {
  const known = new Set(items.map(({ name }) => name));
  const under = (parent: string | null, depth: number): { item: Item; depth: number }[] =>
    items
      .filter(({ name }) => {
        const own = parentOf.get(name) ?? null;
        return (own !== null && known.has(own) ? own : null) === parent;
      })
      .flatMap((item) => [{ item, depth }, ...under(item.name, depth + 1)]);
  return under(null, 0);
}
