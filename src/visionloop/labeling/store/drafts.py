"""How labels that are not the image's own are kept: as JSON beside the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from visionloop.data.entities import AnnotationDraft


def write_drafts(drafts: Sequence[AnnotationDraft]) -> list[dict[str, Any]]:
    """Return drafts as JSON values."""
    return [asdict(draft) | {"attributes": dict(draft.attributes)} for draft in drafts]


def read_drafts(values: Sequence[Mapping[str, Any]]) -> tuple[AnnotationDraft, ...]:
    """Return the drafts that ``write_drafts`` wrote."""
    drafts = []
    for item in values:
        bbox = item["bbox"]
        drafts.append(AnnotationDraft(**{**item, "bbox": None if bbox is None else tuple(bbox)}))
    return tuple(drafts)
