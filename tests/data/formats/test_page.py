"""The page on formats says of each what its code says."""

from __future__ import annotations

from pathlib import Path

from visionloop.data.formats.catalog import all_formats
from visionloop.data.formats.ports import AnnotationFormat

PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
_FACTS = {
    "multi_part": "parts", "keypoints_beside": "keypoints beside", "crowd": "crowd",
    "scores": "scores", "authors": "makers", "external_ids": "annotation ids",
    "image_ids": "image ids", "category_ids": "category ids", "skeletons": "skeletons",
    "image_attributes": "image attributes", "splits": "splits", "negatives": "empty images",
}  # fmt: skip


def row(format: AnnotationFormat) -> str:
    """The line of a format in the table of the page."""
    holds = format.holds
    kinds = ", ".join(sorted(kind.replace("_", " ") for kind in holds.kinds))
    names = holds.attributes
    attributes = "all" if names is None else ", ".join(sorted(names)) or "none"
    facts = ", ".join(word for fact, word in _FACTS.items() if getattr(holds, fact))
    return f"| `{format.name}` | {kinds} | {attributes} | {facts} |"


def test_the_table_of_formats_is_up_to_date() -> None:
    lines = PAGE.read_text().splitlines()
    missing = [line for f in all_formats().values() if f.write and (line := row(f)) not in lines]
    assert missing == []
