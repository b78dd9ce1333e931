import { Button, Group, Textarea } from "@mantine/core";
import { IconMessageCircle } from "@tabler/icons-react";
import { useState } from "react";

import type { Point } from "../canvas/geometry/points";
import { toScreen, type Viewport } from "../canvas/viewport";
import { type Store, useStored } from "../store";
import type { Comment } from "./calls";
import classes from "./Pins.module.css";

interface PinsProps {
  comments: readonly Comment[];
  view: Store<Viewport>;
  /** Where a new comment shall be pinned. */
  draft: Point | null;
  onSay: (text: string, at: Point) => void;
  onDrop: () => void;
}

/** Comments at their places on the image, and the field for a new one. */
export function Pins({ comments, view, draft, onSay, onDrop }: PinsProps) {
  const port = useStored(view, (now) => now);
  return (
    <>
      {comments.map((comment) => {
        if (comment.x === null || comment.y === null || comment.resolved_at !== null) return null;
        const { x, y } = toScreen(port, { x: comment.x, y: comment.y });
        return (
          <div
            key={comment.id}
            className={classes.pin}
            style={{ transform: `translate(${String(x)}px, ${String(y)}px)` }}
            tabIndex={0}
            role="note"
            aria-label={`${comment.author}: ${comment.text}`}
          >
            <IconMessageCircle size={15} stroke={2} aria-hidden />
            <span className={classes.said}>
              <strong>{comment.author}</strong> {comment.text}
            </span>
          </div>
        );
      })}
      {draft !== null && <Draft at={toScreen(port, draft)} onSay={(text) => { onSay(text, draft); }} onDrop={onDrop} />}
    </>
  );
}

function Draft({ at, onSay, onDrop }: { at: Point; onSay: (text: string) => void; onDrop: () => void }) {
  const [text, setText] = useState("");
  const say = () => { if (text.trim() !== "") onSay(text.trim()); };
  return (
    <div className={classes.draft} style={{ transform: `translate(${String(at.x)}px, ${String(at.y)}px)` }}>
      <Textarea
        autoFocus
        autosize
        minRows={2}
        aria-label="Comment on this place"
        placeholder="What is to be said about this place?"
        value={text}
        onChange={(event) => { setText(event.currentTarget.value); }}
        onKeyDown={(event) => {
          if (event.key === "Escape") onDrop();
          if (event.key !== "Enter" || event.shiftKey) return;
          event.preventDefault();
          say();
        }}
      />
      <Group justify="flex-end" gap={6} mt={6}>
        <Button size="compact-xs" variant="default" onClick={onDrop}>
          Cancel
        </Button>
        <Button size="compact-xs" disabled={text.trim() === ""} onClick={say}>
          Pin it
        </Button>
      </Group>
    </div>
  );
}
