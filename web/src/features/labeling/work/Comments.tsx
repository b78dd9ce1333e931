import { sentence } from "@/ui/format";
import { Time } from "@/ui/Time";

import type { Comment } from "./calls";
import classes from "./Comments.module.css";

interface CommentsProps {
  comments: readonly Comment[];
  onResolve: (id: string) => void;
}

/** What people said about this task, rejections first to be seen. */
export function Comments({ comments, onResolve }: CommentsProps) {
  if (comments.length === 0) return null;
  return (
    <section>
      <h2 className={classes.title}>Comments</h2>
      <ul className={classes.list}>
        {comments.map((comment) => (
          <li key={comment.id} data-kind={comment.kind} data-resolved={comment.resolved_at !== null || undefined}>
            <p>{comment.text}</p>
            <span className="vl-dim">
              {sentence(comment.kind)} by {comment.author}, <Time iso={comment.created_at} />
              {comment.resolved_by !== null && `, settled by ${comment.resolved_by}`}
            </span>
            {comment.kind === "note" && comment.resolved_at === null && (
              <button type="button" className={classes.resolve} onClick={() => { onResolve(comment.id); }}>
                Settle
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
