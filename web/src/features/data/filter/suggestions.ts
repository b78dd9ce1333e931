/** A field of the filter language, as the API describes it. */
export interface Field {
  name: string;
  kind: string;
  meaning: string;
  example: string;
}

export interface Suggestion {
  /** What stands in the input once it is taken. */
  text: string;
  label: string;
  note: string;
}

const MAX = 9;
const OPERATORS: Record<string, readonly string[]> = {
  text: ["=", "!=", "~"],
  number: [">", "<", ">=", "<=", "="],
  time: [">=", "<", "="],
  set: [":"],
};

/**
 * What may come next in a half-typed condition.
 *
 * `values` holds known values by field, the most frequent first.
 */
export function suggest(
  typed: string,
  fields: readonly Field[],
  values: ReadonlyMap<string, readonly string[]>,
): Suggestion[] {
  const value = /(?:^|.*\s|\()([A-Za-z_]\w*)\s*(!=|[:=])\s*"?([^"()]*)$/.exec(typed);
  if (value) return valueSuggestions(typed, value, values);
  const done = /(?:^|.*[\s(])([A-Za-z_]\w*)\s+$/.exec(typed)?.[1];
  const field = fields.find(({ name }) => name === done);
  if (field) return operatorSuggestions(typed, field);
  const word = /(?:^|[\s(])([A-Za-z_]*)$/.exec(typed)?.[1];
  return word === undefined ? [] : fieldSuggestions(typed, word, fields);
}

function valueSuggestions(typed: string, match: RegExpExecArray, values: ReadonlyMap<string, readonly string[]>): Suggestion[] {
  const [, field = "", , begun = ""] = match;
  const head = typed.slice(0, typed.length - begun.length).replace(/"$/, "");
  const wanted = begun.trim().toLowerCase();
  return (values.get(field) ?? [])
    .filter((value) => value.toLowerCase().includes(wanted) && value.toLowerCase() !== wanted)
    .slice(0, MAX)
    .map((value) => ({ text: head + quoted(value), label: value, note: field }));
}

function operatorSuggestions(typed: string, field: Field): Suggestion[] {
  return (OPERATORS[field.kind] ?? []).map((operator) => ({
    text: `${typed.trimEnd()}${field.kind === "set" ? "" : " "}${operator}${field.kind === "set" ? "" : " "}`,
    label: `${field.name} ${operator}`,
    note: field.example,
  }));
}

function fieldSuggestions(typed: string, word: string, fields: readonly Field[]): Suggestion[] {
  const wanted = word.toLowerCase();
  const head = typed.slice(0, typed.length - word.length);
  const starting = fields.filter(({ name }) => name.startsWith(wanted));
  const within = fields.filter(
    ({ name, meaning }) => !name.startsWith(wanted) && wanted.length > 1 && `${name} ${meaning}`.toLowerCase().includes(wanted),
  );
  return [...starting, ...within].slice(0, MAX).map((field) => ({
    text: head + field.name + (field.kind === "set" ? ":" : field.kind === "keyed" ? "." : " "),
    label: field.name,
    note: `${field.meaning} · ${field.example}`,
  }));
}

function quoted(value: string): string {
  return /^[\w./@+-]+$/.test(value) ? value : `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
