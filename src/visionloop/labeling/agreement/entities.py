"""What several answers about one image add up to, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from visionloop.data.entities import AnnotationDraft


@dataclass(frozen=True)
class ObjectVote:
    """One object that at least one annotator saw.

    Attributes:
        seen_by: who drew it.
        categories: annotator to the class they gave it.
        similarity: mean over all pairs that drew it; 1 when one alone did.
        is_kept: the proposal holds it.
    """

    category: str
    seen_by: tuple[str, ...]
    categories: dict[str, str]
    similarity: float
    is_kept: bool


@dataclass(frozen=True)
class Proposal:
    """The labels that answers say together.

    Attributes:
        agreement: mean over all pairs of annotators, 0 to 1.
    """

    drafts: tuple[AnnotationDraft, ...]
    agreement: float
    objects: tuple[ObjectVote, ...]
