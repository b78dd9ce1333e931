import "konva/lib/Core";

import { Stage } from "konva/lib/Stage";

import type { Box, Point, Size } from "./geometry/points";
import type { HitGrid } from "./hitGrid";
import { type Active, paintActive } from "./paint/active";
import { type Look, MAX_TAGS } from "./paint/look";
import { paintShapes } from "./paint/still";
import { changedBox } from "./regions";
import type { Shape } from "./shapes";
import { createSheet } from "./sheet";
import { visibleBox, type Viewport } from "./viewport";

/** Paints the part of a photo that is seen; calls may come back with more detail later. */
export interface Photo {
  size: Size;
  paint: (context: CanvasRenderingContext2D, visible: Box, scale: number) => void;
}

export type Style = Omit<Look, "scale">;

export interface Scene {
  setPhoto: (photo: Photo) => void;
  setShapes: (shapes: readonly Shape[], grid: HitGrid, look: Style) => void;
  setActive: (active: Active) => void;
  setViewport: (view: Viewport, rests: boolean) => void;
  setFilter: (css: string) => void;
  resize: (size: Size) => void;
  /** Paints the photo again, for example when more of it has arrived. */
  refreshPhoto: () => void;
  destroy: () => void;
}

/** Painted beyond the stage on each side, so that panning uncovers nothing at once. */
const OVERSCAN = 0.2;
/** How far lines, grips and name tags reach beyond a shape, in screen pixels. */
const [REACH_PX, TAG_PX] = [22, 230];

/**
 * The picture of the workspace: photo and shapes on still layers that never listen, and one
 * active layer. A full repaint of thousands of shapes takes longer than a frame, so while the
 * view moves painted pixels are transformed by CSS, and an edit repaints its own place only.
 */
export function createScene(container: HTMLDivElement): Scene {
  const frame = container.appendChild(document.createElement("div"));
  frame.style.position = "absolute";
  const stage = new Stage({ container: frame, width: 1, height: 1, listening: false });
  let view: Viewport = { scale: 1, x: 0, y: 0 };
  let size: Size = { width: 1, height: 1 };
  let margin: Point = { x: 0, y: 0 };
  let picture: Photo | null = null;
  let shapes: readonly Shape[] = [];
  let grid: HitGrid | null = null;
  let look: Style = { colors: new Map(), opacity: 0.12, tags: true, bones: new Map() };
  let hand: Active | null = null;

  const seen = (port: Viewport): Box => {
    const wide = { width: size.width + 2 * margin.x, height: size.height + 2 * margin.y };
    const from = { ...port, x: port.x + margin.x, y: port.y + margin.y };
    return visibleBox(from, wide, picture?.size ?? size);
  };
  const lookAt = (port: Viewport): Look => ({ ...look, scale: port.scale, tags: look.tags && shapes.length <= MAX_TAGS });
  const photo = createSheet((context, port) => { picture?.paint(context, seen(port), port.scale); });
  const still = createSheet((context, port) => {
    paintShapes(context, grid?.within(padded(seen(port), port.scale)) ?? [], lookAt(port));
  });
  const active = createSheet((context, port) => { if (hand !== null) paintActive(context, hand, lookAt(port)); });
  const sheets = [photo, still, active];
  sheets.forEach(({ layer }) => { stage.add(layer); });

  return {
    setPhoto(next) {
      picture = next;
      photo.repaint();
    },
    setShapes(next, nextGrid, nextLook) {
      const box = sameLook(look, nextLook) ? changedBox(shapes, next) : null;
      const tagged = shapes.length <= MAX_TAGS === next.length <= MAX_TAGS;
      [shapes, grid, look] = [next, nextGrid, nextLook];
      if (box === null || !tagged) still.repaint();
      else if (box !== "nothing") {
        still.repaintBox(padded(box, view.scale), (context, port) => {
          const around = padded(padded(box, port.scale), port.scale);
          paintShapes(context, nextGrid.within(around), lookAt(port));
        });
      }
    },
    setActive(next) {
      hand = next;
      active.repaint();
    },
    setViewport(next, rests) {
      view = next;
      sheets.forEach((sheet) => { sheet.show(next, rests); });
    },
    setFilter(css) {
      photo.layer.getNativeCanvasElement().style.filter = css;
    },
    resize(next) {
      size = next;
      margin = { x: Math.round(next.width * OVERSCAN), y: Math.round(next.height * OVERSCAN) };
      frame.style.left = `${String(-margin.x)}px`;
      frame.style.top = `${String(-margin.y)}px`;
      stage.size({ width: next.width + 2 * margin.x, height: next.height + 2 * margin.y });
      sheets.forEach((sheet) => { sheet.resize(next, margin); });
    },
    refreshPhoto() {
      photo.repaint();
    },
    destroy() {
      sheets.forEach((sheet) => { sheet.destroy(); });
      stage.destroy();
      frame.remove();
    },
  };
}

function padded([x1, y1, x2, y2]: Box, scale: number): Box {
  const [near, far] = [REACH_PX / scale, TAG_PX / scale];
  return [x1 - far, y1 - near, x2 + far, y2 + near];
}

function sameLook(a: Style, b: Style): boolean {
  return a.colors === b.colors && a.opacity === b.opacity && a.tags === b.tags && a.bones === b.bones;
}
