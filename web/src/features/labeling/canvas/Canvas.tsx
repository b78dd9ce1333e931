import { useEffect, useLayoutEffect, useRef, useState } from "react";

import type { Store } from "../store";
import { type Board, type BoardInput, createBoard } from "./board";
import classes from "./Canvas.module.css";
import type { Point } from "./geometry/points";
import type { Edit } from "./history";
import type { Interaction } from "./interaction";
import type { Photo } from "./scene";
import { usePointer } from "./usePointer";
import type { Viewport } from "./viewport";

interface CanvasProps extends BoardInput {
  photo: Photo;
  filter: string;
  interaction: Store<Interaction>;
  onEdit: (edit: Edit) => void;
  onPin: (at: Point) => void;
  onView: (view: Viewport) => void;
  /** Lets the workspace send keys, fit and zoom. */
  onReady: (board: Board | null) => void;
}

/** The place of the drawing surface in the page. */
export function Canvas(props: CanvasProps) {
  const { photo, filter, interaction, onReady } = props;
  const container = useRef<HTMLDivElement>(null);
  const [board, setBoard] = useState<Board | null>(null);
  const output = useRef(props);
  useLayoutEffect(() => { output.current = props; });

  useLayoutEffect(() => {
    const node = container.current;
    if (node === null) return;
    const created = createBoard(node, interaction, {
      onEdit: (edit) => { output.current.onEdit(edit); },
      onPin: (at) => { output.current.onPin(at); },
      onView: (view) => { output.current.onView(view); },
    });
    setBoard(created);
    onReady(created);
    const observer = new ResizeObserver(() => {
      created.resize({ width: node.clientWidth, height: node.clientHeight });
    });
    observer.observe(node);
    return () => {
      observer.disconnect();
      created.destroy();
      onReady(null);
    };
  }, [interaction, onReady]);

  useLayoutEffect(() => { board?.setPhoto(photo); }, [board, photo]);
  useLayoutEffect(() => { board?.setFilter(filter); }, [board, filter]);
  const { shapes, colors, opacity, tags, category, locked, isPinned, numKeypoints, bones } = props;
  useLayoutEffect(() => {
    board?.update({ shapes, colors, opacity, tags, category, locked, isPinned, numKeypoints, bones });
  }, [board, shapes, colors, opacity, tags, category, locked, isPinned, numKeypoints, bones]);

  const handlers = usePointer(container, board);
  useEffect(() => {
    const node = container.current;
    if (node === null || board === null) return;
    return interaction.subscribe(() => { node.dataset.cursor = board.cursor(); });
  }, [board, interaction]);
  return <div ref={container} className={classes.canvas} data-cursor="default" {...handlers} />;
}
