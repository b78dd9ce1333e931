/** "data_scientist" -> "data scientist". */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** "data_scientist" -> "Data scientist". */
export function sentence(name: string): string {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 12345 -> "12,345". */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** "1 image", "2 images". */
export function plural(value: number, singular: string, many = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : many}`;
}

/** 0.9312 -> "93.1 %", which never breaks over two lines; a missing value is a dash, never a zero. */
export function percent(value: number | null | undefined, digits = 1): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return `${(value * 100).toFixed(digits)}\u00a0%`;
}

/** 0.93, [0.9, 0.95] -> "93.0 % (90.0–95.0)". */
export function percentInterval(value: number, interval: readonly [number, number] | null): string {
  if (interval === null) return percent(value);
  const [low, high] = interval;
  return `${percent(value)} (${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)})`;
}

/** Three significant digits for a metric that may have any size. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Number.isInteger(value)) return count(value);
  const size = Math.abs(value);
  if (size >= 1000) return count(value);
  return size >= 0.001 ? String(Number(value.toPrecision(3))) : value.toExponential(2);
}

/** 1536 -> "1.5 KB". */
export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(size) : size.toFixed(1)} ${units[unit] ?? ""}`;
}

/** 93.4 -> "1 min 33 s"; short times keep one decimal. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${String(Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${String(Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(Math.round(seconds % 60))} s`;
  const hours = Math.floor(minutes / 60);
  return `${String(hours)} h ${String(minutes % 60)} min`;
}

/** A time in the past (or future) as people say it; `now` is a parameter for tests. */
export function ago(iso: string, now: number = Date.now()): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return "–";
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const text = distance(size);
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

function distance(seconds: number): string {
  if (seconds < 60) return `${String(Math.round(seconds))} s`;
  if (seconds < 3600) return `${String(Math.round(seconds / 60))} min`;
  if (seconds < 86400) return `${String(Math.round(seconds / 3600))} h`;
  return plural(Math.round(seconds / 86400), "day");
}

/** Date and time in the reader's own zone. */
export function dateTime(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** The first twelve digits of a digest, enough to tell two apart. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}
