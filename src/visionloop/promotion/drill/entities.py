"""What a drill plays, and what it finds out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

# A drill's test split is small, so equal models need room to be told apart from worse.
DRILL_GATES: Final[Mapping[str, Mapping[str, Any]]] = {
    "parity": {},
    "signature": {},
    "latency": {},
    "accuracy": {"margin": 0.1, "min_accuracy": 0.7},
    "worst_slice": {},
}


@dataclass(frozen=True)
class Photo:
    """An image whose true class the drill knows, as a person looking at it would.

    Attributes:
        image_id: SHA-256 of the file, by which tasks name it.
        path: The file.
        label: True class.
        group: What it was taken of or by; photos of one group never part.
    """

    image_id: str
    path: Path
    label: str
    group: str


@dataclass(frozen=True)
class Scenario:
    """The photos of a drill, divided so that nothing is measured on what was learned.

    Attributes:
        project: Name of the project to create or use.
        description: What the project sees, for people.
        classes: Class names in label order.
        training_folder: Class folders that the first model learns from.
        group_by: How ingest groups the training photos.
        clean: Held-out photos of the training camera, by unseen groups: first traffic.
        shifted: Photos of the held-back camera that arrive as traffic afterwards.
        unseen: Photos of the held-back camera that never arrive and are never labeled: the
            measure of what relabeling gained.
        shift: What the shift is, for people.
        recipe: Parameters of the first training.
        retraining: Parameters of the second training, which starts from the champion.
        gates: Gates of a promotion and their thresholds.
    """

    project: str
    description: str
    classes: tuple[str, ...]
    training_folder: Path
    group_by: str
    clean: tuple[Photo, ...]
    shifted: tuple[Photo, ...]
    unseen: tuple[Photo, ...]
    shift: str
    recipe: Mapping[str, Any]
    retraining: Mapping[str, Any]
    gates: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: dict(DRILL_GATES))


@dataclass(frozen=True)
class RenderedSizes:
    """How many photos of each kind are rendered."""

    training: int = 480
    clean: int = 200
    shifted: int = 200
    unseen: int = 200


@dataclass(frozen=True)
class Figure:
    """One measured number.

    Attributes:
        name: What was measured.
        value: The number.
        low: Lower end of the 95 % interval, None where there is none.
        high: Upper end of the interval.
        unit: ``share``, ``s``, ``requests``, ``images`` or ``ratio``.
        count: How many observations it rests on.
        target: The bar it is held against, as text; None where there is none.
        is_met: Whether it meets the bar.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    unit: str = "share"
    count: int | None = None
    target: str | None = None
    is_met: bool | None = None


@dataclass
class DrillReport:
    """What a drill found out, complete only when ``finished`` is true."""

    project: str
    shift: str
    figures: list[Figure] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)
    finished: bool = False

    @property
    def is_passed(self) -> bool:
        """Whether every figure that has a bar meets it."""
        return self.finished and all(figure.is_met is not False for figure in self.figures)

    def add(self, figure: Figure) -> Figure:
        """Keep a figure and return it."""
        self.figures.append(figure)
        return figure
