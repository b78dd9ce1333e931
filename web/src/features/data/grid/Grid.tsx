import { type KeyboardEvent, type MouseEvent, type RefObject, useState } from "react";

import type { Shape } from "../overlay/shapes";
import classes from "./Grid.module.css";
import { type GridLayout, type GridWindow, moved, scrollTo } from "./layout";
import { isChosen, type Selection } from "./selection";
import { Tile, tileId } from "./Tile";
import type { Loaded } from "./useImages";
import { scroller, type Viewport } from "./useViewport";

/** What the keyboard and the mouse ask of the page around the grid. */
export interface GridDeeds {
  onOpen: (index: number) => void;
  onToggle: (index: number) => void;
  /** Chooses everything between two tiles. */
  onSpan: (from: number, to: number) => void;
  onAll: () => void;
  onClear: () => void;
}

interface GridProps extends GridDeeds {
  project: string;
  content: RefObject<HTMLDivElement | null>;
  total: number;
  layout: GridLayout;
  shown: GridWindow;
  viewport: Viewport;
  loaded: Loaded;
  shapes: ReadonlyMap<string, Shape[]>;
  selection: Selection;
  opened: string | null;
}

/** The tiles in view of a list of any length; keys walk, space and shift choose, Enter opens. */
export function Grid(props: GridProps) {
  const { project, content, total, layout, shown, viewport, loaded, shapes, selection, opened } = props;
  const [active, setActive] = useState(0);
  const [anchor, setAnchor] = useState(0);

  const walk = (event: KeyboardEvent) => {
    const next = moved(event.key, active, total, layout, viewport.height);
    if (next === null) return false;
    setActive(next);
    if (event.shiftKey) props.onSpan(anchor, next);
    else setAnchor(next);
    const target = scrollTo(layout, next, viewport.scrolled, viewport.height);
    if (target !== null) scroller()?.scrollBy({ top: target - viewport.scrolled });
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const deed = deedOf(event, active, props);
    if (deed === null) {
      if (walk(event)) event.preventDefault();
      return;
    }
    event.preventDefault();
    deed();
  };
  const onClick = (event: MouseEvent) => {
    const target = event.target as Element;
    const index = Number(target.closest<HTMLElement>("[data-index]")?.dataset.index ?? Number.NaN);
    if (Number.isNaN(index) || loaded(index) === undefined) return;
    setActive(index);
    if (event.shiftKey) {
      props.onSpan(anchor, index);
      return;
    }
    setAnchor(index);
    const choosing = event.ctrlKey || event.metaKey || target.closest("[data-check]") !== null;
    if (choosing) props.onToggle(index);
    else props.onOpen(index);
  };

  const indices = Array.from({ length: Math.min(shown.last, total) - shown.first }, (_, at) => shown.first + at);
  return (
    <div
      ref={content}
      className={classes.content}
      style={{ height: layout.height }}
      data-choosing={selection.all || selection.ids.size > 0 || undefined}
      role="listbox"
      aria-label="Images"
      aria-multiselectable
      aria-activedescendant={tileId(active)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <ul
        role="presentation"
        className={classes.grid}
        style={{
          gridTemplateColumns: `repeat(${String(layout.columns)}, minmax(0, 1fr))`,
          transform: `translateY(${String(shown.top)}px)`,
        }}
      >
        {indices.map((index) => {
          const image = loaded(index);
          return (
            <Tile
              key={index}
              project={project}
              index={index}
              total={total}
              image={image}
              shapes={image && shapes.get(image.id)}
              width={layout.tileWidth}
              height={layout.tileHeight}
              chosen={image !== undefined && isChosen(selection, image.id)}
              active={index === active}
              opened={image !== undefined && image.id === opened}
            />
          );
        })}
      </ul>
    </div>
  );
}

function deedOf(event: KeyboardEvent, active: number, deeds: GridDeeds): (() => void) | null {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "a") return deeds.onAll;
  if (event.key === " ") return () => { deeds.onToggle(active); };
  if (event.key === "Enter") return () => { deeds.onOpen(active); };
  if (event.key === "Escape") return deeds.onClear;
  return null;
}
