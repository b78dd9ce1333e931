/** Which images the grid shows, and in which order; lives in the address, so that a view can be shared. */
export interface ImageFilters {
  /** Conditions in the filter language, all of which must hold. */
  where: string[];
  /** A field, with "-" before it for descending order. */
  sort: string;
}

export const USUAL_SORT = "created";

/** Short parameters of older links, and the field that each is about. */
const SHORTHANDS: Record<string, string> = {
  label: "label",
  tag: "tag",
  annotation_status: "annotation_status",
  status: "status",
  origin: "origin",
  camera: "camera",
  group_key: "group",
};

export function readFilters(search: URLSearchParams): ImageFilters {
  const short = Object.entries(SHORTHANDS).flatMap(([parameter, field]) =>
    search.getAll(parameter).map((value) => writeCondition(field, [value])),
  );
  const words = search.getAll("text").map(quote);
  const where = [...search.getAll("where"), ...short, ...words].filter((text) => text.trim() !== "");
  return { where: [...new Set(where)], sort: search.get("sort") ?? USUAL_SORT };
}

/** The address of other filters; what else it says, such as the opened image, is left out. */
export function writeFilters({ where, sort }: ImageFilters): URLSearchParams {
  const search = new URLSearchParams(where.map((text) => ["where", text]));
  if (sort !== USUAL_SORT) search.set("sort", sort);
  return search;
}

/** All conditions as one filter. */
export function joined(where: readonly string[]): string {
  if (where.length === 1) return where[0] ?? "";
  return where.map((text) => (/\b(or|not)\b/i.test(text) ? `(${text})` : text)).join(" and ");
}

/** "camera = iPhone 7" for one value, "camera in (a, b)" for any of several; null is no value. */
export function writeCondition(field: string, values: readonly (string | null)[]): string {
  const written = values.map((value) => (value === null ? "none" : quote(value)));
  if (written.length !== 1) return `${field} in (${written.join(", ")})`;
  return isSet(field) ? `${field}:${written[0] ?? ""}` : `${field} = ${written[0] ?? ""}`;
}

/** The values that a condition names, if it is one that {@link writeCondition} wrote for this field. */
export function readCondition(field: string, text: string): (string | null)[] | null {
  const rest = text.startsWith(field) ? text.slice(field.length).trim() : "";
  const one = /^[:=]\s*(.+)$/.exec(rest)?.[1];
  const several = /^in \((.*)\)$/.exec(rest)?.[1];
  const list = several ?? one;
  if (list === undefined) return null;
  const values = [...list.matchAll(/"((?:[^"\\]|\\.)*)"|([^,\s"]+)/g)].map(([, quoted, plain]) =>
    quoted !== undefined ? quoted.replaceAll(/\\(.)/g, "$1") : plain === "none" ? null : (plain ?? ""),
  );
  return writeCondition(field, values) === text ? values : null;
}

/** The conditions with one value of a field chosen or given back. */
export function toggled(where: readonly string[], field: string, value: string | null): string[] {
  const at = where.findIndex((text) => readCondition(field, text) !== null);
  const now = at < 0 ? [] : (readCondition(field, where[at] ?? "") ?? []);
  const next = now.includes(value) ? now.filter((item) => item !== value) : [...now, value];
  const others = where.filter((_, index) => index !== at);
  return next.length === 0 ? others : [...others, writeCondition(field, next)];
}

function isSet(field: string): boolean {
  return ["label", "tag", "annotator", "source"].includes(field);
}

const RESERVED = new Set(["and", "or", "not", "none", "in"]);

function quote(value: string): string {
  if (/^[\w./@+-]+$/.test(value) && !RESERVED.has(value.toLowerCase())) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
