import { type Next, type Opened, openTask } from "../work/calls";
import type { Journal, Kept } from "./journal";

/** The changes of a task that wait in this browser; null without any, or where it keeps nothing. */
export async function keptOf(journal: Journal, project: string, taskId: string): Promise<Kept | null> {
  try {
    return await journal.find(project, taskId);
  } catch {
    return null;
  }
}

/** Opens the first task with changes that the server never got, so that they come first. */
export async function openUnsent(project: string, journal: Journal): Promise<(Next & Opened) | null> {
  const waiting = await journal.list(project).catch(() => []);
  for (const taskId of waiting) {
    const opened = await openTask(project, "label", taskId).catch(() => null);
    if (opened !== null && opened.refusal === null) return { ...opened, remaining: 0, upcoming: [] };
  }
  return null;
}
