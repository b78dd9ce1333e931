import { sentence } from "@/ui/format";
import { Time } from "@/ui/Time";

import type { Detail } from "./calls";
import classes from "./Comments.module.css";

/** What people said about this task, rejections first to be seen. */
export function Comments({ detail }: { detail: Detail }) {
  if (detail.comments.length === 0) return null;
  return (
    <section>
      <h2 className={classes.title}>Comments</h2>
      <ul className={classes.list}>
        {detail.comments.map((comment) => (
          <li key={comment.id} data-kind={comment.kind}>
            <p>{comment.text}</p>
            <span className="vl-dim">
              {sentence(comment.kind)} by {comment.author}, <Time iso={comment.created_at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
