"""What a quality scan finds, and what was done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, get_args

FindingKind = Literal[
    # looks
    "dark", "light", "blurry", "low-information", "odd-aspect", "outlier",
    # copies
    "exact-duplicate", "near-duplicate",
    # files
    "unreadable", "changed", "odd-mode", "rotated",
    # labels
    "box-outside", "box-empty", "box-tiny", "box-duplicate", "polygon-crossing", "label-error",
    # classes
    "class-empty", "class-rare",
]  # fmt: skip
FindingStatus = Literal["open", "fixed", "excluded", "sent", "dismissed", "gone"]
Severity = Literal["error", "warning", "info"]
ActionName = Literal["fix", "exclude", "label", "dismiss"]

FINDING_KINDS: Final[tuple[FindingKind, ...]] = get_args(FindingKind)

_OTHER_SEVERITIES: Final[Mapping[FindingKind, Severity]] = {
    "unreadable": "error",
    "changed": "error",
    "box-outside": "error",
    "box-empty": "error",
    "outlier": "info",
    "exact-duplicate": "info",
    "rotated": "info",
    "box-tiny": "info",
    "class-rare": "info",
}
SEVERITIES: Final[Mapping[FindingKind, Severity]] = {
    kind: _OTHER_SEVERITIES.get(kind, "warning") for kind in FINDING_KINDS
}

FIXABLE: Final[frozenset[FindingKind]] = frozenset(
    {"box-outside", "box-empty", "box-duplicate", "near-duplicate"}
)
"""Kinds that "fix" can mend: boxes are clipped or dropped, a near-duplicate is excluded."""

STATUS_AFTER: Final[Mapping[ActionName, FindingStatus]] = {
    "fix": "fixed",
    "exclude": "excluded",
    "label": "sent",
    "dismiss": "dismissed",
}


@dataclass(frozen=True)
class Observation:
    """One thing that a scan sees, before it is held against what is known.

    Attributes:
        image_id: None for what concerns a class as a whole.
        annotation_id: the label that it is about.
        peer_id: the other image of a pair.
        category: class that it is about.
        score: how bad, in [0, 1]; the order within a kind.
        facts: the numbers behind the message.
    """

    kind: FindingKind
    message: str
    image_id: str | None = None
    annotation_id: str | None = None
    peer_id: str | None = None
    category: str | None = None
    score: float = 0.5
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """An observation with its history.

    Attributes:
        id: the same whenever the same thing is found again.
        job_id: scan that saw it last.
        status: "gone" when the last scan did not see it any more.
    """

    id: str
    project: str
    kind: FindingKind
    severity: Severity
    status: FindingStatus
    message: str
    image_id: str | None
    annotation_id: str | None
    peer_id: str | None
    category: str | None
    score: float
    facts: Mapping[str, Any]
    job_id: str
    created_at: datetime
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True)
class FindingQuery:
    """Which findings; every given condition must hold."""

    kind: FindingKind | None = None
    severity: Severity | None = None
    status: FindingStatus | None = "open"
    image_id: str | None = None
    category: str | None = None


@dataclass(frozen=True)
class QualityAction:
    """Something that was done about findings, with what undoing it needs.

    Attributes:
        changes: one a finding: its id, the status before, and what the action replaced.
        skipped: findings that were left alone, and why.
        undone_at: when it was taken back.
    """

    id: str
    project: str
    name: ActionName
    actor: str
    created_at: datetime
    changes: tuple[Mapping[str, Any], ...]
    skipped: tuple[Mapping[str, str], ...]
    undone_at: datetime | None = None
    undone_by: str | None = None
