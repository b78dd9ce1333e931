"""SQL for the few columns of labels that a change of the label schema looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from visionloop.data.store.tables import annotation_sets, labels
from visionloop.storage.database import Transaction


def iterate_label_facts(tx: Transaction, project: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield image, class and attributes of every label of a project."""
    query = sa.select(labels.c.image_id, labels.c.category, labels.c.attributes).where(
        labels.c.project == project
    )
    for row in tx.execute(query):
        yield row.image_id, row.category, row.attributes


def iterate_image_attributes(tx: Transaction, project: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield image and attributes of every image that has attributes."""
    query = sa.select(annotation_sets.c.image_id, annotation_sets.c.attributes).where(
        annotation_sets.c.project == project
    )
    for row in tx.execute(query):
        if row.attributes:
            yield row.image_id, row.attributes
