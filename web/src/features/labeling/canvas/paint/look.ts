export type Colors = ReadonlyMap<string, string>;
/** The lines between keypoints, as pairs of their indices. */
export type Bones = readonly (readonly [number, number])[];

/** How shapes are painted. */
export interface Look {
  colors: Colors;
  /** Of the filling, 0 to 1. */
  opacity: number;
  /** Screen pixels per image pixel; lines keep their width on the screen. */
  scale: number;
  /** Class names at the shapes. */
  tags: boolean;
  /** The skeletons of classes that have one. */
  bones: ReadonlyMap<string, Bones>;
}

export const OTHER_COLOR = "#8a94a3";
/** With more shapes than this the name tags would hide the image. */
export const MAX_TAGS = 250;

export function colorOf(category: string, colors: Colors): string {
  return colors.get(category) ?? OTHER_COLOR;
}

/** A colour with an opacity from 0 to 1, for a colour given as #rrggbb. */
export function faded(color: string, opacity: number): string {
  const alpha = Math.round(Math.min(Math.max(opacity, 0), 1) * 255);
  return `${color.slice(0, 7)}${alpha.toString(16).padStart(2, "0")}`;
}

/** Black or white, whichever reads better on a colour given as #rrggbb. */
export function inkOn(color: string): string {
  const value = Number.parseInt(color.slice(1, 7), 16);
  const luminance =
    0.299 * ((value >> 16) & 255) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return luminance > 150 ? "#10141a" : "#ffffff";
}
