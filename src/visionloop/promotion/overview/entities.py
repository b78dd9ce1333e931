"""What the home page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from visionloop.admin.entities import ChangeProposal, Event
from visionloop.compute.entities import Job
from visionloop.data.entities import DataSummary
from visionloop.labeling.entities import Progress
from visionloop.monitoring.entities import Alert, MonitorWindow
from visionloop.promotion.entities import Pipeline
from visionloop.registry.entities import RegisteredModel
from visionloop.serving.entities import Endpoint
from visionloop.training.entities import Run


class ElementState(StrEnum):
    """What a person wants to know first about an element."""

    OK = "ok"
    ATTENTION = "attention"
    FAILING = "failing"
    IDLE = "idle"
    RUNNING = "running"


@dataclass(frozen=True)
class Fact:
    """One number or word in a box."""

    label: str
    value: str


@dataclass(frozen=True)
class Element:
    """One box of the diagram."""

    key: str
    state: ElementState
    headline: str
    facts: tuple[Fact, ...]
    link: str


@dataclass(frozen=True)
class Running:
    """Something that moves right now, or waits for a person."""

    kind: str
    id: str
    title: str
    state: str
    progress: float | None
    link: str


@dataclass(frozen=True)
class Overview:
    """The whole page."""

    elements: tuple[Element, ...]
    running: tuple[Running, ...]
    recent_events: tuple[Event, ...]


@dataclass(frozen=True)
class Snapshot:
    """Everything that the boxes are drawn from, read once.

    Attributes:
        endpoint_states: What the supervisor last noted of each endpoint, by name.
        windows: Newest window of each monitor, by monitor name; None before the first.
        alerts: Alerts that are not resolved.
        open_reviews: Images that wait in the review queue.
    """

    data: DataSummary
    num_members: int
    num_datastores: int
    proposals: tuple[ChangeProposal, ...]
    labeling: Progress
    open_reviews: int
    runs: tuple[Run, ...]
    num_runs: int
    models: tuple[RegisteredModel, ...]
    pipelines: tuple[Pipeline, ...]
    endpoints: tuple[Endpoint, ...]
    jobs: tuple[Job, ...]
    alerts: tuple[Alert, ...]
    events: tuple[Event, ...]
    endpoint_states: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, MonitorWindow | None] = field(default_factory=dict)
