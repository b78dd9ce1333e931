import { clampTo, type Box, type Point, type Size } from "./geometry/points";
import { heldShape } from "./gestures";
import { gripAt } from "./grips";
import { buildHitGrid, type HitGrid } from "./hitGrid";
import { type Interaction, movesBody, type PointerStep, type Setting, step, type Under } from "./interaction";
import type { Edit } from "./history";
import type { Bones, Colors } from "./paint/look";
import { createScene, type Photo } from "./scene";
import type { Shape } from "./shapes";
import type { Store } from "../store";
import { isDragTool } from "./tools";
import { fit, pan, revealed, toImage, type Viewport, visibleBox, zoomAt } from "./viewport";

/** What the workspace tells the board. */
export interface BoardInput {
  shapes: readonly Shape[];
  colors: Colors;
  opacity: number;
  tags: boolean;
  /** The class of the next shape. */
  category: string;
  /** Nothing may be changed. */
  locked: boolean;
  isPinned: (shape: Shape) => boolean;
  numKeypoints: number | null;
  bones: ReadonlyMap<string, Bones>;
}

export interface BoardOutput {
  onEdit: (edit: Edit) => void;
  /** A comment shall be pinned here. */
  onPin: (at: Point) => void;
  onView: (view: Viewport) => void;
}

/** The drawing surface as an object of its own: pointer and keys in, edits out, no React between. */
export interface Board {
  update: (input: BoardInput) => void;
  setPhoto: (photo: Photo) => void;
  refreshPhoto: () => void;
  setFilter: (css: string) => void;
  resize: (stage: Size) => void;
  pointer: (type: "down" | "move" | "up", at: Point, modifiers?: { remove?: boolean; hidden?: boolean }) => void;
  leave: () => void;
  send: (event: PointerStep) => void;
  cursor: () => string;
  pan: (by: Point) => void;
  zoom: (factor: number, at?: Point) => void;
  fit: () => void;
  /** One image pixel is one screen pixel. */
  actualSize: () => void;
  visible: () => Box;
  view: () => Viewport;
  /** Moves the cross-hair of those who draw by keyboard. */
  moveCursor: (by: Point) => void;
  /** The keyboard's mouse button. */
  pressCursor: () => void;
  reveal: (shape: Shape) => void;
  destroy: () => void;
}

const REACH_PX = 6;
const EMPTY: BoardInput = {
  shapes: [],
  colors: new Map(),
  opacity: 0.12,
  tags: true,
  category: "",
  locked: true,
  isPinned: () => false,
  numKeypoints: null,
  bones: new Map(),
};

export function createBoard(container: HTMLDivElement, interaction: Store<Interaction>, output: BoardOutput): Board {
  const scene = createScene(container);
  let input = EMPTY;
  let image: Size = { width: 1, height: 1 };
  let stage: Size = { width: 0, height: 0 };
  let view: Viewport = { scale: 1, x: 0, y: 0 };
  let fitted = false;
  let cursor: Point | null = null;
  let grid: HitGrid = buildHitGrid([], 1);
  let painted: readonly Shape[] = [];

  const selected = (): Shape | null => {
    const { selected: id } = interaction.get();
    return id === null ? null : (input.shapes.find((shape) => shape.id === id) ?? null);
  };
  const setting = (): Setting => ({
    image,
    category: input.category,
    held: selected(),
    locked: input.locked,
    isPinned: input.isPinned,
    reach: REACH_PX / view.scale,
    numKeypoints: input.numKeypoints,
  });
  const under = (at: Point): Under => {
    const held = selected();
    const reach = REACH_PX / view.scale;
    const grip = held === null || input.locked ? null : gripAt(held, at, view.scale, reach);
    return { shape: grid.at(at, reach / 2), grip };
  };

  function show(next: Viewport, rests = true): void {
    if (next.scale === view.scale && next.x === view.x && next.y === view.y && fitted) return;
    view = next;
    scene.setViewport(view, rests);
    output.onView(view);
  }

  function send(event: PointerStep): void {
    const before = interaction.get();
    const outcome = step(before, event, setting());
    outcome.edits.forEach(output.onEdit);
    interaction.set(outcome.state);
    if (outcome.pin !== undefined) output.onPin(outcome.pin);
  }

  function paintStill(): void {
    const held = heldShape(interaction.get().gesture);
    const still = held === null ? input.shapes : input.shapes.filter((shape) => shape.id !== held);
    if (painted !== input.shapes) grid = buildHitGrid(input.shapes, Math.max(image.width, image.height));
    painted = input.shapes;
    const stillGrid = held === null ? grid : without(grid, held);
    const { colors, opacity, tags, bones } = input;
    scene.setShapes(still, stillGrid, { colors, opacity, tags, bones });
  }

  function paintActive(): void {
    const { gesture, grip, tool, radius } = interaction.get();
    const held = selected();
    const draws = !input.locked && tool !== "select" && tool !== "comment";
    const brushes = draws && (tool === "brush" || tool === "eraser");
    const hovers = draws && gesture.type === "none" && cursor !== null && under(cursor).grip !== null;
    scene.setActive({
      gesture,
      selected: held,
      grip,
      editable: held !== null && !input.locked && !input.isPinned(held),
      category: input.category,
      image,
      crosshair: draws && !brushes && !hovers ? cursor : null,
      brush: brushes && cursor !== null ? { at: cursor, radius } : null,
    });
  }

  let lastHeld: string | null = null;
  const unsubscribe = interaction.subscribe(() => {
    const held = heldShape(interaction.get().gesture);
    if (held !== lastHeld) paintStill();
    lastHeld = held;
    paintActive();
  });

  return {
    update(next) {
      input = next;
      paintStill();
      paintActive();
    },
    setPhoto(photo) {
      image = photo.size;
      fitted = false;
      scene.setPhoto(photo);
      this.resize(stage);
    },
    refreshPhoto: scene.refreshPhoto,
    setFilter: scene.setFilter,
    resize(next) {
      const changed = next.width !== stage.width || next.height !== stage.height;
      stage = next;
      if (stage.width === 0) return;
      if (changed) scene.resize(stage);
      if (changed || !fitted) show(fit(image, stage));
      fitted = true;
      paintStill();
    },
    pointer(type, screen, modifiers) {
      const at = toImage(view, screen);
      cursor = at;
      if (type === "down") send({ type, at, under: under(at), ...modifiers });
      else if (interaction.get().gesture.type === "none") paintActive();
      else send({ type, at });
    },
    leave() {
      cursor = null;
      paintActive();
    },
    send,
    cursor: () => cursorOf(interaction.get(), input.locked, cursor === null ? null : under(cursor), setting()),
    pan: (by) => { show(pan(view, by), false); },
    zoom(factor, at = { x: stage.width / 2, y: stage.height / 2 }) {
      show(zoomAt(view, at, factor), false);
    },
    fit: () => { show(fit(image, stage)); },
    actualSize: () => { show(zoomAt(view, { x: stage.width / 2, y: stage.height / 2 }, 1 / view.scale)); },
    visible: () => visibleBox(view, stage, image),
    view: () => view,
    moveCursor(by) {
      const [x1, y1, x2, y2] = visibleBox(view, stage, image);
      const from = cursor ?? { x: Math.round((x1 + x2) / 2), y: Math.round((y1 + y2) / 2) };
      cursor = clampTo({ x: from.x + by.x, y: from.y + by.y }, image);
      show(revealed(view, cursor, stage));
      if (interaction.get().gesture.type === "none") paintActive();
      else send({ type: "move", at: cursor });
    },
    pressCursor() {
      if (cursor === null) this.moveCursor({ x: 0, y: 0 });
      const at = cursor ?? { x: 0, y: 0 };
      const { tool, gesture } = interaction.get();
      if (isDragTool(tool) && gesture.type !== "none") send({ type: "up", at });
      else send({ type: "down", at, under: { shape: null, grip: null } });
    },
    reveal(shape) {
      if (shape.bbox === null) return;
      const [x1, y1, x2, y2] = shape.bbox;
      show(revealed(view, { x: (x1 + x2) / 2, y: (y1 + y2) / 2 }, stage));
    },
    destroy() {
      unsubscribe();
      scene.destroy();
    },
  };
}

function without(grid: HitGrid, id: string): HitGrid {
  return { at: grid.at, within: (box) => grid.within(box).filter((shape) => shape.id !== id) };
}

/** The name of the mouse cursor, for the style sheet. */
function cursorOf(state: Interaction, locked: boolean, under: Under | null, setting: Setting): string {
  const { gesture, tool } = state;
  if (gesture.type === "moving") return "move";
  if (gesture.type === "reshaping") return gesture.grip.type === "handle" ? gesture.grip.handle : "grab";
  const over = under?.shape ?? null;
  if (tool === "comment") return "comment";
  if (locked) return over === null ? "default" : "pick";
  if (gesture.type === "none" && under?.grip) return under.grip.type === "handle" ? under.grip.handle : "grab";
  const holds = over !== null && over.id === setting.held?.id;
  if (gesture.type === "none" && holds && movesBody(tool, setting)) return "move";
  if (tool !== "select") return "draw";
  return over === null ? "default" : "pick";
}
