/** Which images the grid shows; lives in the address, so that a view can be shared. */
export interface ImageFilters {
  label?: string;
  annotation_status?: "unlabeled" | "labeled" | "accepted" | "rejected";
  status?: "active" | "excluded" | "missing";
  origin?: "ingest" | "production";
  camera?: string;
  text?: string;
  group_key?: string;
  sort?: "created" | "-created" | "name" | "-name";
}

const CHOICES: Record<string, readonly string[]> = {
  annotation_status: ["unlabeled", "labeled", "accepted", "rejected"],
  status: ["active", "excluded", "missing"],
  origin: ["ingest", "production"],
  sort: ["created", "-created", "name", "-name"],
};
const KEYS = ["label", "annotation_status", "status", "origin", "camera", "text", "group_key", "sort"];

/** Reads filters from the address; values that the API would refuse are ignored. */
export function readFilters(search: URLSearchParams): ImageFilters {
  const found = KEYS.flatMap((key) => {
    const value = search.get(key);
    if (value === null || value === "") return [];
    const choices = CHOICES[key];
    return choices !== undefined && !choices.includes(value) ? [] : [[key, value]];
  });
  return Object.fromEntries(found) as ImageFilters;
}

/** The address with one filter changed. */
export function withFilter(
  search: URLSearchParams,
  key: keyof ImageFilters,
  value: string | null,
): URLSearchParams {
  const next = new URLSearchParams(search);
  if (value === null || value === "") next.delete(key);
  else next.set(key, value);
  return next;
}

/** How many filters narrow the list; the order of the list is none. */
export function countFilters(filters: ImageFilters): number {
  return Object.keys(filters).filter((key) => key !== "sort").length;
}
