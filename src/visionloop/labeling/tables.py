"""Import this to declare every table of labeling."""

from __future__ import annotations

from visionloop.labeling.schema.store import label_schemas
from visionloop.labeling.store.tables import label_locks, label_task_comments, label_tasks

TABLES = (label_tasks, label_task_comments, label_locks, label_schemas)
