import { type Placement, place } from "../overlay/paint";

export interface Size {
  width: number;
  height: number;
}

const MAX_SCALE = 40;
const MARGIN = 16;
/** Small pictures are shown larger, but not as a mosaic. */
const MAX_FIT = 6;

/** The whole image in the middle of the stage. */
export function fitted(image: Size, stage: Size): Placement {
  const room = { width: Math.max(stage.width - 2 * MARGIN, 1), height: Math.max(stage.height - 2 * MARGIN, 1) };
  const scale = Math.min(place(image, room).scale, MAX_FIT);
  return placed(image, scale, (stage.width - image.width * scale) / 2, (stage.height - image.height * scale) / 2);
}

/** The view zoomed so that the point of the image under x, y of the stage stays there. */
export function zoomed(view: Placement, image: Size, stage: Size, factor: number, x: number, y: number): Placement {
  const least = Math.min(fitted(image, stage).scale, 1);
  const scale = Math.min(Math.max(view.scale * factor, least), MAX_SCALE);
  const ratio = scale / view.scale;
  return placed(image, scale, x - (x - view.left) * ratio, y - (y - view.top) * ratio);
}

export function panned(view: Placement, byX: number, byY: number): Placement {
  return { ...view, left: view.left + byX, top: view.top + byY };
}

function placed(image: Size, scale: number, left: number, top: number): Placement {
  return { scale, left, top, width: image.width * scale, height: image.height * scale };
}
