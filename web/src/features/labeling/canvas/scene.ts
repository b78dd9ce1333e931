import "konva/lib/Core";

import type { Context } from "konva/lib/Context";
import { Layer } from "konva/lib/Layer";
import { Shape as Drawing } from "konva/lib/Shape";
import { Image as Picture } from "konva/lib/shapes/Image";
import { Stage } from "konva/lib/Stage";

import { type Colors, OTHER_COLOR, paintCrosshair, paintSelected, paintShapes } from "./paint";
import type { Box, Point, Shape, Size } from "./shapes";
import { cssBetween, type Viewport } from "./viewport";

/** What is drawn above the still shapes: the box in hand and the cross-hair. */
export interface Active {
  box: Box | null;
  category: string;
  handles: boolean;
  crosshair: Point | null;
}

export interface Scene {
  setImage: (image: HTMLImageElement, size: Size) => void;
  setShapes: (shapes: readonly Shape[], colors: Colors) => void;
  setActive: (active: Active) => void;
  setViewport: (view: Viewport) => void;
  setFilter: (css: string) => void;
  resize: (size: Size) => void;
  destroy: () => void;
}

/** A repaint faster than this happens at once; a slower one waits until zooming settles. */
const QUICK_MS = 8;
const SETTLE_MS = 110;

/**
 * The picture of the workspace: photo and shapes on still layers that never listen, and one
 * active layer. While zooming, painted pixels are only transformed by CSS, because a full
 * repaint of thousands of shapes takes longer than a frame.
 */
export function createScene(container: HTMLDivElement): Scene {
  const stage = new Stage({ container, width: 1, height: 1, listening: false });
  const photo = new Layer({ listening: false });
  const still = new Layer({ listening: false });
  const active = new Layer({ listening: false });
  stage.add(photo, still, active);
  const layers = [photo, still, active];

  let view: Viewport = { scale: 1, x: 0, y: 0 };
  let painted = view;
  let cost = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let imageSize: Size = { width: 1, height: 1 };
  let shapes: readonly Shape[] = [];
  let colors: Colors = new Map();
  let hand: Active = { box: null, category: "", handles: false, crosshair: null };

  still.add(drawing((context) => { paintShapes(context, shapes, colors, view.scale); }));
  active.add(
    drawing((context) => {
      if (hand.crosshair !== null) paintCrosshair(context, hand.crosshair, imageSize, view.scale);
      if (hand.box === null) return;
      const color = colors.get(hand.category) ?? OTHER_COLOR;
      paintSelected(context, hand.box, color, view.scale, hand.handles);
    }),
  );

  function repaint(): void {
    const began = performance.now();
    for (const layer of layers) {
      layer.setAttrs({ x: view.x, y: view.y, scaleX: view.scale, scaleY: view.scale });
      layer.getNativeCanvasElement().style.transform = "";
    }
    photo.imageSmoothingEnabled(view.scale < 3);
    layers.forEach((layer) => { layer.draw(); });
    painted = view;
    cost = performance.now() - began;
  }

  return {
    setImage(image, size) {
      imageSize = size;
      photo.destroyChildren();
      photo.add(new Picture({ image, width: size.width, height: size.height, listening: false }));
      repaint();
    },
    setShapes(next, nextColors) {
      shapes = next;
      colors = nextColors;
      still.draw();
      active.draw();
    },
    setActive(next) {
      hand = next;
      active.draw();
    },
    setViewport(next) {
      view = next;
      clearTimeout(timer);
      if (cost < QUICK_MS) {
        repaint();
        return;
      }
      const transform = cssBetween(painted, view);
      layers.forEach((layer) => { layer.getNativeCanvasElement().style.transform = transform; });
      timer = setTimeout(repaint, SETTLE_MS);
    },
    setFilter(css) {
      photo.getNativeCanvasElement().style.filter = css;
    },
    resize(size) {
      stage.size(size);
      layers.forEach((layer) => {
        layer.getNativeCanvasElement().style.transformOrigin = "0 0";
      });
      repaint();
    },
    destroy() {
      clearTimeout(timer);
      stage.destroy();
    },
  };
}

function drawing(paint: (context: Context) => void): Drawing {
  return new Drawing({ listening: false, perfectDrawEnabled: false, sceneFunc: paint });
}
