import { Layer } from "konva/lib/Layer";
import { Shape as Drawing } from "konva/lib/Shape";

import type { Box, Point, Size } from "./geometry/points";
import { between, cssBetween, type Viewport } from "./viewport";

export type Paint = (context: CanvasRenderingContext2D, view: Viewport) => void;

/** A layer whose painted pixels are moved by CSS while the view moves, and painted anew when it rests. */
export interface Sheet {
  layer: Layer;
  /** With `rests` the view will not move on at once, and is painted right away. */
  show: (view: Viewport, rests: boolean) => void;
  repaint: () => void;
  /** Repaints a part of the image only. */
  repaintBox: (box: Box, paint: Paint) => void;
  resize: (stage: Size, margin: Point) => void;
  destroy: () => void;
}

const SETTLE_MS = 110;
/** While moved pixels leave a border uncovered, a slow sheet is repainted at most this often. */
const UNCOVERED_MS = 250;

export function createSheet(paint: Paint): Sheet {
  const layer = new Layer({ listening: false });
  let view: Viewport = { scale: 1, x: 0, y: 0 };
  let painted = view;
  let paintedAt = 0;
  let size: Size = { width: 0, height: 0 };
  let margin: Point = { x: 0, y: 0 };
  let timer: ReturnType<typeof setTimeout> | undefined;

  layer.add(
    new Drawing({
      listening: false,
      perfectDrawEnabled: false,
      sceneFunc: (context) => { paint(context._context, painted); },
    }),
  );
  const element = layer.getNativeCanvasElement();
  element.style.transformOrigin = "0 0";
  element.style.willChange = "transform";

  const shifted = (port: Viewport): Viewport => ({ ...port, x: port.x + margin.x, y: port.y + margin.y });

  function repaint(): void {
    clearTimeout(timer);
    painted = view;
    layer.setAttrs({ x: view.x + margin.x, y: view.y + margin.y, scaleX: view.scale, scaleY: view.scale });
    layer.draw();
    element.style.transform = "";
    paintedAt = performance.now();
  }

  function isCovered(): boolean {
    const { scale, x, y } = between(shifted(painted), shifted(view));
    const [right, bottom] = [x + scale * (size.width + 2 * margin.x), y + scale * (size.height + 2 * margin.y)];
    return x <= margin.x && y <= margin.y && right >= margin.x + size.width && bottom >= margin.y + size.height;
  }

  return {
    layer,
    repaint,
    show(next, rests) {
      view = next;
      // How long painting takes is not known here: browsers draw what was asked for later.
      if (rests || (!isCovered() && performance.now() - paintedAt > UNCOVERED_MS)) {
        repaint();
        return;
      }
      element.style.transform = cssBetween(shifted(painted), shifted(view));
      clearTimeout(timer);
      timer = setTimeout(repaint, SETTLE_MS);
    },
    repaintBox([x1, y1, x2, y2], paintPart) {
      const context = element.getContext("2d");
      if (context === null) return;
      const { scale, x, y } = shifted(painted);
      const ratio = element.width / Math.max(layer.width(), 1);
      const [left, top] = [Math.floor(x1 * scale + x), Math.floor(y1 * scale + y)];
      const [right, bottom] = [Math.ceil(x2 * scale + x), Math.ceil(y2 * scale + y)];
      context.save();
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.beginPath();
      context.rect(left, top, right - left, bottom - top);
      context.clip();
      context.clearRect(left, top, right - left, bottom - top);
      context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * x, ratio * y);
      paintPart(context, painted);
      context.restore();
    },
    resize(stage, around) {
      size = stage;
      margin = around;
      repaint();
    },
    destroy() {
      clearTimeout(timer);
    },
  };
}
