"""What the steps of a promotion work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from visionloop.promotion.ports import Gate
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.engine import Engine
from visionloop.storage.home import Home


@dataclass(frozen=True)
class PromotionContext:
    """The installation as a promotion sees it.

    Attributes:
        gates: every known gate by name.
        ready_timeout_s: how long a new deployment may take until it answers.
        retry_s: pause before a step that found something unavailable is tried again.
    """

    database: Database
    blobs: BlobStore
    home: Home
    engine: Engine
    gates: Mapping[str, Gate]
    ready_timeout_s: float = 120.0
    retry_s: float = 2.0
