"""Import this to declare every table of labeling."""

from __future__ import annotations

from visionloop.labeling.consensus.store import label_cases
from visionloop.labeling.exchange.store import label_links
from visionloop.labeling.projects.store import labeling_projects
from visionloop.labeling.quality.store import label_gold, label_scores
from visionloop.labeling.schema.store import label_schemas
from visionloop.labeling.store import tables

TABLES = (
    label_links,
    label_cases,
    label_gold,
    label_scores,
    labeling_projects,
    label_schemas,
    tables.label_tasks,
)
