import { api, body } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { components } from "@/api/schema";

import type { Labels } from "../canvas/history";
import { type AnnotationOut, toAnnotation } from "../canvas/shapes";

type Schemas = components["schemas"];
export type Detail = Schemas["LabelTaskDetailOut"];
export type Next = Schemas["NextTaskOut"];

/** A task, and why it can only be looked at. */
export interface Opened {
  detail: Detail;
  refusal: ApiError | null;
}
export type Suggestion = Schemas["SuggestionOut"];
export type Comment = Schemas["TaskCommentOut"];
/** Labeling makes the labels, review judges them. */
export type Mode = "label" | "review";

/** What the server stored: the revision that the next save must name. */
export interface Stored {
  revision: number;
  annotations: readonly AnnotationOut[];
  attributes: Labels["attributes"];
}

export async function openNext(
  project: string,
  mode: Mode,
  queue: string | null,
  exceptIds: readonly string[],
): Promise<Next> {
  const options = {
    params: { path: { project } },
    body: { queue, except_ids: [...exceptIds].slice(-200) },
  };
  const found =
    mode === "label"
      ? body(api.POST("/api/v1/projects/{project}/labeling/tasks/next", options))
      : body(api.POST("/api/v1/projects/{project}/labeling/reviews/next", options));
  // The client widens the tuple of a box to a list.
  return (await found) as Next;
}

/** Codes with which the server says that a task can be looked at but not worked on. */
const READ_ONLY = ["label_task_locked", "label_task_not_yours", "label_task_state"];

/** Opens one task for labeling; shows it where it cannot be opened, and always for review. */
export async function openTask(project: string, mode: Mode, taskId: string): Promise<Opened> {
  const options = { params: { path: { project, task_id: taskId } } };
  if (mode === "label") {
    try {
      const found = await body(
        api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/open", options),
      );
      return { detail: found as Detail, refusal: null };
    } catch (error) {
      if (!(error instanceof ApiError) || !READ_ONLY.includes(error.code)) throw error;
      return { detail: await readTask(project, taskId), refusal: error };
    }
  }
  return { detail: await readTask(project, taskId), refusal: null };
}

async function readTask(project: string, taskId: string): Promise<Detail> {
  const options = { params: { path: { project, task_id: taskId } } };
  const found = api.GET("/api/v1/projects/{project}/labeling/tasks/{task_id}", options);
  return (await body(found)) as Detail;
}

/** Gives a task back that nobody worked on. */
export function releaseTask(project: string, taskId: string): Promise<unknown> {
  return body(
    api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/release", {
      params: { path: { project, task_id: taskId } },
    }),
  );
}

export async function saveLabels(
  project: string,
  taskId: string,
  { shapes, attributes }: Labels,
  revision: number,
  names: ReadonlyMap<string, string>,
): Promise<Stored> {
  const saved = await body(
    api.PUT("/api/v1/projects/{project}/labeling/tasks/{task_id}/labels", {
      params: { path: { project, task_id: taskId } },
      body: {
        annotations: shapes.map((shape) => toAnnotation(shape, names)),
        attributes,
        expected_revision: revision,
      },
    }),
  );
  return saved.annotations as Stored;
}

export async function readLabels(project: string, imageId: string): Promise<Stored> {
  const set = await body(
    api.GET("/api/v1/projects/{project}/images/{image_id}/annotations", {
      params: { path: { project, image_id: imageId } },
    }),
  );
  return set as Stored;
}

export function submitTask(project: string, taskId: string): Promise<unknown> {
  return body(
    api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/submit", {
      params: { path: { project, task_id: taskId } },
    }),
  );
}

export function skipTask(project: string, taskId: string, reason: string): Promise<unknown> {
  return body(
    api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/skip", {
      params: { path: { project, task_id: taskId } },
      body: { reason },
    }),
  );
}

export function acceptTask(project: string, taskId: string, revision: number): Promise<unknown> {
  return body(
    api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/accept", {
      params: { path: { project, task_id: taskId } },
      body: { expected_revision: revision },
    }),
  );
}

export function rejectTask(
  project: string,
  taskId: string,
  comment: string,
  revision: number,
): Promise<unknown> {
  return body(
    api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/reject", {
      params: { path: { project, task_id: taskId } },
      body: { comment, expected_revision: revision },
    }),
  );
}

/** Replaces labels that were handed in by better ones and accepts these. */
export function fixTask(project: string, taskId: string, labels: Labels, revision: number): Promise<unknown> {
  return body(
    api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/fix", {
      params: { path: { project, task_id: taskId } },
      body: {
        annotations: labels.shapes.map((shape) => toAnnotation(shape)),
        attributes: labels.attributes,
        expected_revision: revision,
        comment: "",
      },
    }),
  );
}

/** Says something about a task, at a place of the image where one is given. */
export async function addComment(
  project: string,
  taskId: string,
  text: string,
  place: { x: number; y: number } | null,
): Promise<Comment> {
  const said = api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/comments", {
    params: { path: { project, task_id: taskId } },
    body: { text, x: place?.x ?? null, y: place?.y ?? null },
  });
  return body(said) as Promise<Comment>;
}

export async function resolveComment(project: string, taskId: string, commentId: string): Promise<Comment> {
  const resolved = api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/comments/{comment_id}/resolve", {
    params: { path: { project, task_id: taskId, comment_id: commentId } },
  });
  return body(resolved) as Promise<Comment>;
}

/** The rules of a queue in Markdown; empty where nobody wrote any. */
export async function readInstructions(project: string, queue: string): Promise<string> {
  const found = await body(
    api.GET("/api/v1/projects/{project}/labeling/projects", { params: { path: { project } } }),
  );
  return found.items.find(({ name }) => name === queue)?.instructions ?? "";
}

export async function suggestLabels(project: string, taskId: string): Promise<Suggestion> {
  const found = await body(
    api.POST("/api/v1/projects/{project}/labeling/tasks/{task_id}/suggest", {
      params: { path: { project, task_id: taskId } },
    }),
  );
  return found as Suggestion;
}
