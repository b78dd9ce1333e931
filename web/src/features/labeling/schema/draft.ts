import type { Attribute, LabelClass, LabelSchema, SchemaChange } from "./queries";

/** A class while it is edited; `was` is its name in the schema, null for a new one. */
export interface ClassDraft extends LabelClass {
  was: string | null;
}

export interface SchemaDraft {
  classes: ClassDraft[];
  attributes: Attribute[];
  /** Removed class to the one that takes its labels; null drops them. */
  removed: Record<string, string | null>;
}

export function draftOf(schema: LabelSchema): SchemaDraft {
  return {
    classes: schema.classes.map((item) => ({ ...item, was: item.name })),
    attributes: schema.attributes,
    removed: {},
  };
}

/** The change that leads from the schema to the draft: renamed classes move, removed ones go where they were sent. */
export function changeOf(schema: LabelSchema, draft: SchemaDraft): SchemaChange {
  const moves: Record<string, string | null> = {};
  const names = new Map(draft.classes.map((item) => [item.was, item.name]));
  for (const item of draft.classes) {
    if (item.was !== null && item.was !== item.name) moves[item.was] = item.name;
  }
  for (const [name, target] of Object.entries(draft.removed)) {
    moves[name] = target === null ? null : (names.get(target) ?? target);
  }
  return {
    expected_version: schema.version,
    classes: draft.classes.map((item) => ({
      name: item.name,
      color: item.color,
      hotkey: item.hotkey,
      parent: item.parent === null || item.parent === undefined ? null : (names.get(item.parent) ?? null),
      skeleton: item.skeleton,
      help: item.help,
    })),
    attributes: draft.attributes.map((item) => ({
      ...item,
      classes: (item.classes ?? []).map((name) => names.get(name) ?? name).filter((name) => draft.classes.some((one) => one.name === name)),
    })),
    class_moves: moves,
    attribute_moves: {},
    value_moves: {},
    note: "",
  };
}

export function isChanged(schema: LabelSchema, draft: SchemaDraft): boolean {
  const before = changeOf(schema, draftOf(schema));
  return JSON.stringify(before) !== JSON.stringify(changeOf(schema, draft));
}
