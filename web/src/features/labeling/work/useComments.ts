import { useState } from "react";

import type { Point } from "../canvas/geometry/points";
import { addComment, type Comment, type Detail, resolveComment } from "./calls";

/** What is said about a task, the place where something is about to be said, and saying it. */
export function useComments(project: string, detail: Detail) {
  const [comments, setComments] = useState<readonly Comment[]>(detail.comments);
  const [draft, setDraft] = useState<Point | null>(null);
  const taskId = detail.task.id;
  const say = async (text: string, place: Point | null) => {
    const said = await addComment(project, taskId, text, place);
    setComments((now) => [...now, said]);
    setDraft(null);
  };
  const resolve = async (id: string) => {
    const resolved = await resolveComment(project, taskId, id);
    setComments((now) => now.map((comment) => (comment.id === id ? resolved : comment)));
  };
  return { comments, draft, setDraft, say, resolve };
}
