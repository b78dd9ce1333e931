import type { ActionId } from "../keys/actions";

/** How photo and shapes are shown. */
export interface Light {
  /** Percent; 100 is the photo as it is. */
  brightness: number;
  contrast: number;
  /** Filling of shapes, 0 to 100 percent. */
  fill: number;
  tags: boolean;
}

export const DAYLIGHT: Light = { brightness: 100, contrast: 100, fill: 12, tags: true };

/** Percent; the sliders and the keys share these bounds. */
export const LIGHT_RANGE = { brightness: [30, 300], contrast: [30, 300], fill: [0, 80] } as const;

const STEPS: Partial<Record<ActionId, readonly [keyof typeof LIGHT_RANGE, number]>> = {
  brighter: ["brightness", 15],
  darker: ["brightness", -15],
  more_contrast: ["contrast", 15],
  less_contrast: ["contrast", -15],
  more_fill: ["fill", 8],
  less_fill: ["fill", -8],
};

/** The light after a key; the same when the key means something else. */
export function changedLight(light: Light, action: ActionId): Light {
  if (action === "tags") return { ...light, tags: !light.tags };
  const step = STEPS[action];
  if (step === undefined) return light;
  const [name, by] = step;
  const [least, most] = LIGHT_RANGE[name];
  return { ...light, [name]: Math.min(Math.max(light[name] + by, least), most) };
}

export function filterOf({ brightness, contrast }: Light): string {
  if (brightness === 100 && contrast === 100) return "";
  return `brightness(${String(brightness)}%) contrast(${String(contrast)}%)`;
}
