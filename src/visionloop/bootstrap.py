"""The only wiring: opens what an installation needs and joins the domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from visionloop.admin.installation import FirstLogin, create_first_admin
from visionloop.admin.ports import ResourceApplier
from visionloop.admin.proposals import ProposalApplier
from visionloop.compute.local import LocalTarget
from visionloop.config import Settings
from visionloop.labeling.ports import Predictor
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home


@dataclass
class Application:
    """Everything a route or a command needs, opened once.

    Attributes:
        settings: Typed settings.
        home: Folder of the installation.
        database: Open database.
        blobs: Open blob store.
        local_target: Runs jobs on this machine.
        appliers: Set up the resources that a project file names.
        proposal_appliers: Carry out approved change proposals, by kind.
        predictor: Suggests labels in the annotator; None until a model can.
    """

    settings: Settings
    home: Home
    database: Database
    blobs: BlobStore
    local_target: LocalTarget
    appliers: Sequence[ResourceApplier] = ()
    proposal_appliers: Mapping[str, ProposalApplier] = field(default_factory=dict)
    predictor: Predictor | None = None

    def start(self) -> None:
        """Begin background work: jobs, endpoints, pipelines, schedules."""
        self.local_target.start()

    def stop(self) -> None:
        """End background work; endpoints and running jobs go on without us."""
        self.local_target.stop()
        self.database.dispose()


def prepare(settings: Settings) -> FirstLogin | None:
    """Bring the database to this version and create the first administrator.

    Returns:
        The first login on a new installation, None on one that has users.
    """
    home = Home(Path(settings.home))
    database = Database(settings.resolve_database_url(home))
    database.create_schema()
    first = create_first_admin(database)
    database.dispose()
    return first


def create_application(settings: Settings | None = None) -> Application:
    """Open an installation; nothing runs until ``start``."""
    settings = settings or Settings()
    home = Home(Path(settings.home))
    database = Database(settings.resolve_database_url(home))
    blobs = BlobStore(settings.resolve_blob_url(home))
    database.create_schema()
    return Application(
        settings=settings,
        home=home,
        database=database,
        blobs=blobs,
        local_target=LocalTarget(
            database,
            blobs,
            home,
            slots=settings.job_slots,
            threads=settings.job_threads,
        ),
    )
