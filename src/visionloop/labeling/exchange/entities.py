"""What travels between labeling tools, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from visionloop.data.entities import AnnotationDraft


@dataclass(frozen=True)
class OutgoingImage:
    """An image for the other tool, with what is known about it.

    Attributes:
        file_name: the image id with the ending of its format; it comes back with the labels.
        data: bytes of the file; None where the other tool has it already.
        is_labeled: the labels are somebody's work and not merely absent.
    """

    image_id: str
    file_name: str
    width: int
    height: int
    annotations: tuple[AnnotationDraft, ...]
    is_labeled: bool
    data: bytes | None = None


@dataclass(frozen=True)
class RemoteImage:
    """An image as the other tool knows it.

    Attributes:
        remote_id: of the task or frame there.
        stamp: changes whenever its labels change; empty while it has none.
    """

    image_id: str
    remote_id: str
    stamp: str
    annotations: tuple[AnnotationDraft, ...]


@dataclass(frozen=True)
class ExchangeLink:
    """An image that both sides have, as both were when they last agreed."""

    project: str
    exchange: str
    image_id: str
    remote_id: str
    revision: int
    stamp: str
    synced_at: datetime


@dataclass(frozen=True)
class ExchangeReport:
    """What a sync did.

    Attributes:
        num_sent: images that the other tool did not have.
        num_pushed: images whose labels went there.
        num_pulled: images whose labels came from there.
        conflicts: images that both sides changed; nothing was written for them.
        refused: image to why its labels could not be taken.
    """

    num_sent: int
    num_pushed: int
    num_pulled: int
    num_unchanged: int
    conflicts: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
