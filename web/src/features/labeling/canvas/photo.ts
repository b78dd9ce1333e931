import type { Size } from "./geometry/points";
import type { Photo } from "./scene";

/** From this scale on every image pixel is seen as the square that it is. */
const SHARP_SCALE = 3;

/** A decoded picture as the photo of a scene; it may be smaller than the image it stands for. */
export function photoOf(picture: HTMLImageElement, size: Size): Photo {
  return {
    size,
    paint(context, _visible, scale) {
      context.imageSmoothingEnabled = scale < SHARP_SCALE;
      context.drawImage(picture, 0, 0, size.width, size.height);
    },
  };
}
