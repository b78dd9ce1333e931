"""The only wiring: opens what an installation needs and joins the domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import visionloop.data.embeddings.store
import visionloop.evaluation.responsible.store
import visionloop.labeling.tables
import visionloop.training.tracking.store  # noqa: F401  each declares tables
from visionloop.admin.installation import FirstLogin, create_first_admin
from visionloop.admin.ports import ResourceApplier
from visionloop.admin.proposals import ProposalApplier
from visionloop.compute.local import LocalTarget
from visionloop.config import Settings
from visionloop.data import workflows as data_workflows
from visionloop.data.embeddings.cache import SpaceCache
from visionloop.data.setup import DatastoreApplier
from visionloop.data.store.indexing import index_missing_images
from visionloop.labeling.exchange.ports import OpenExchange
from visionloop.labeling.ports import Predictor
from visionloop.labeling.segmentation.segmenting import Segmenters
from visionloop.labeling.watching import ENTRY_POINT
from visionloop.monitoring import workflows as monitoring
from visionloop.monitoring.infrastructure import restart_applier
from visionloop.monitoring.setup import MonitorApplier
from visionloop.plugins import load_plugins
from visionloop.promotion.context import PromotionContext
from visionloop.promotion.workflows import register_promotion
from visionloop.serving.prediction import PackagePredictor
from visionloop.serving.setup import EndpointApplier
from visionloop.serving.supervisor import EndpointSupervisor
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.engine import Engine
from visionloop.storage.home import Home
from visionloop.storage.schema import migrate


@dataclass
class Application:
    """Everything a route or a command needs, opened once.

    Attributes:
        settings: Typed settings.
        home: Folder of the installation.
        database: Open database.
        blobs: Open blob store.
        engine: Runs pipelines and schedules durably.
        local_target: Runs jobs on this machine.
        endpoint_supervisor: Keeps the processes of online endpoints alive.
        predictor: Suggests labels with the project's models.
        segmenters: Outline objects from clicks.
        space_cache: Keeps embeddings in memory for similarity search.
        exchanges: Open other labeling tools.
        appliers: Set up the resources that a project file names.
        proposal_appliers: Carry out approved change proposals, by kind.
    """

    settings: Settings
    home: Home
    database: Database
    blobs: BlobStore
    engine: Engine
    local_target: LocalTarget
    endpoint_supervisor: EndpointSupervisor
    predictor: Predictor
    segmenters: Segmenters
    space_cache: SpaceCache
    exchanges: Mapping[str, OpenExchange]
    appliers: Sequence[ResourceApplier]
    proposal_appliers: Mapping[str, ProposalApplier]

    def start(self) -> None:
        """Begin background work: jobs, endpoints, pipelines, schedules."""
        self.local_target.start()
        self.endpoint_supervisor.start()
        self.engine.launch()
        monitoring.schedule(self.engine)
        data_workflows.schedule(self.engine)

    def stop(self) -> None:
        """End background work; endpoints and running jobs go on without us."""
        self.engine.shutdown()
        self.endpoint_supervisor.stop()
        self.local_target.stop()
        self.database.dispose()


def prepare(settings: Settings, *, admin_password: str | None = None) -> FirstLogin | None:
    """Bring the database to this version and create the first administrator.

    Args:
        settings: Which installation.
        admin_password: Password of the first administrator; a random one by default.

    Returns:
        The first login on a new installation, None on one that has users.
    """
    home = Home(Path(settings.home))
    database = Database(settings.resolve_database_url(home))
    try:
        migrate(database)
        with database.begin() as tx:
            index_missing_images(tx)
        return create_first_admin(database, password=admin_password)
    finally:
        database.dispose()


def create_application(settings: Settings | None = None) -> Application:
    """Open an installation that was prepared; nothing runs until ``start``."""
    settings = settings or Settings()
    home = Home(Path(settings.home))
    database = Database(settings.resolve_database_url(home), keyring=home.keyring)
    blobs = BlobStore(settings.resolve_blob_url(home))
    engine = Engine(database)
    register_promotion(
        PromotionContext(
            database=database,
            blobs=blobs,
            home=home,
            engine=engine,
            gates=load_plugins("visionloop.gates"),
        )
    )
    monitoring.register(engine, database, home, blobs)
    data_workflows.register(engine, database, entry_point=ENTRY_POINT)
    return Application(
        settings=settings,
        home=home,
        database=database,
        blobs=blobs,
        engine=engine,
        local_target=LocalTarget(
            database, blobs, home, slots=settings.job_slots, threads=settings.job_threads
        ),
        endpoint_supervisor=EndpointSupervisor(database, home),
        predictor=PackagePredictor(database, home),
        segmenters=Segmenters(load_plugins("visionloop.runtimes")),
        space_cache=SpaceCache(blobs),
        exchanges=load_plugins("visionloop.exchanges"),
        appliers=(
            DatastoreApplier(database),
            EndpointApplier(database, home),
            MonitorApplier(database),
        ),
        proposal_appliers={"restart_endpoint": restart_applier(database, home)},
    )
