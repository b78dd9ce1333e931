"""Import this to declare every table of labeling."""

from __future__ import annotations

from visionloop.labeling.projects.store import labeling_projects
from visionloop.labeling.schema.store import label_schemas
from visionloop.labeling.store import tables

TABLES = (labeling_projects, label_schemas, tables.label_tasks)
