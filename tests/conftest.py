"""Fixtures that every test may use: real databases, real files, real actors."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from hypothesis import settings

import visionloop.bootstrap  # noqa: F401  declares every table
from tests.postgresql import find_binaries, running_server
from tests.servers.azurite import Azurite, running_azurite
from tests.servers.s3 import S3Server, running_s3
from visionloop.admin import store as admin_store
from visionloop.admin.entities import SYSTEM, Actor, Category, Project, Role, TaskType
from visionloop.admin.projects import color_of, hotkey_of, save_project
from visionloop.admin.sessions import actor_of, create_token
from visionloop.admin.users import create_user
from visionloop.bootstrap import Application, create_application, prepare
from visionloop.client.http import Client
from visionloop.config import Settings
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home

# A busy machine must not fail a property: no example has a wall-clock limit.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

REPOSITORY = Path(__file__).resolve().parent.parent
ActorFactory = Callable[..., Actor]
_A_DAY = timedelta(days=1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn omissions for want of a program into failures where nothing may be left out."""
    report = yield
    if report.skipped and os.environ.get("VISIONLOOP_REQUIRE_ALL_TESTS"):
        reason = str(report.longrepr)
        if "left out:" in reason:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} must not be left out here: {reason}"
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets and weights; skips where it is absent."""
    folder = Path(os.environ.get("VISIONLOOP_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "datasets").is_dir():
        pytest.skip("no real data sets beside the checkout")
    return folder


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of the maintenance database of a real server; skips where none is installed."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("left out: PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="visionloop-pg-") as folder:
        with running_server(binaries, Path(folder) / "server") as url:
            yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database of one test's own."""
    name = new_id("test")
    admin_url = sa.make_url(postgresql_server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield postgresql_server.replace("/postgres", f"/{name}")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """A running Azure Blob Storage; skips where it cannot be installed."""
    with running_azurite(tmp_path_factory.mktemp("azurite")) as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server that checks keys and rights."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of an empty SQLite database."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str, home: Home) -> Iterator[Database]:
    """A database with all tables, once on SQLite and once on PostgreSQL."""
    yield from _open(database_url, home)


@pytest.fixture
def sqlite_database(sqlite_url: str, home: Home) -> Iterator[Database]:
    """A SQLite database with all tables, for tests in which the dialect does not matter."""
    yield from _open(sqlite_url, home)


def _open(url: str, home: Home) -> Iterator[Database]:
    database = Database(url, keyring=home.keyring)
    database.create_schema()
    yield database
    database.dispose()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path / "home")


@pytest.fixture
def blobs(home: Home) -> BlobStore:
    """An empty blob store."""
    return BlobStore(str(home.blobs_dir))


@pytest.fixture
def admin_actor() -> Actor:
    """Somebody who may do everything."""
    return Actor(user_id="user_admin", name="admin", is_admin=True)


@pytest.fixture
def make_actor() -> ActorFactory:
    """Make an actor with roles in the workspaces of a project, without a row in the database."""

    def make(
        *roles: Role | str,
        name: str | None = None,
        project: str = "parts",
        workspaces: tuple[str, ...] = ("dev", "staging", "prod"),
    ) -> Actor:
        granted = [Role(role) for role in roles]
        return Actor(
            user_id=new_id("user"),
            name=name or (granted[0].value.replace("_", "-") if granted else "nobody"),
            grants=frozenset((project, workspace, r) for workspace in workspaces for r in granted),
        )

    return make


def make_project(
    database: Database, name: str = "parts", *classes: str, **values: object
) -> Project:
    """Create a project with classes washer, bolt, nut and gear unless others are named."""
    names = classes or ("washer", "bolt", "nut", "gear")
    project = Project(
        name=name,
        task=TaskType(values.get("task", "classification")),
        description="Machined parts on a conveyor.",
        categories=tuple(Category(c, color_of(i), hotkey_of(i)) for i, c in enumerate(names)),
        workspaces=("dev", "staging", "prod"),
        settings={},
        created_at=utc_now(),
    )
    return save_project(database, SYSTEM, project)


@pytest.fixture
def project(database: Database) -> Project:
    """The project ``parts`` in :func:`database`."""
    return make_project(database)


@pytest.fixture
def sqlite_project(sqlite_database: Database) -> Project:
    """The project ``parts`` in :func:`sqlite_database`."""
    return make_project(sqlite_database)


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database was migrated once, to be copied."""
    folder = tmp_path_factory.mktemp("prepared") / "home"
    settings = Settings(home=folder, database_url=None, blob_url=None)
    prepare(settings, admin_password="correct-horse")
    database = Database(settings.resolve_database_url(Home(folder)))
    make_project(database)
    database.dispose()
    return folder


@pytest.fixture
def application(tmp_path: Path, prepared_home: Path) -> Iterator[Application]:
    """An opened installation on SQLite with the project ``parts``; nothing runs yet."""
    shutil.copytree(prepared_home, tmp_path / "home")
    settings = Settings(home=tmp_path / "home", database_url=None, blob_url=None, job_threads=1)
    opened = create_application(settings)
    yield opened
    opened.database.dispose()


@pytest.fixture
def test_client(application: Application) -> Iterator[TestClient]:
    """HTTP without a network, in front of :func:`application`; background work is not started."""
    from visionloop.api.app import create_app  # late: most tests need no server

    client = TestClient(create_app(application), raise_server_exceptions=False)
    yield client
    client.close()


@pytest.fixture
def api_as(application: Application, test_client: TestClient) -> Callable[..., Client]:
    """Return a client that acts as a new user with these roles in project ``parts``."""

    def act_as(*roles: Role | str, name: str | None = None, is_admin: bool = False) -> Client:
        user_name = name or ("-".join(str(role) for role in roles).replace("_", "-") or "nobody")
        user = create_user(
            application.database, SYSTEM, name=user_name, password=None, is_admin=is_admin
        )
        pairs = [(w, Role(role)) for role in roles for w in ("dev", "staging", "prod")]
        with application.database.begin() as tx:
            admin_store.replace_grants(tx, user.id, "parts", pairs)
        _, secret = create_token(application.database, actor_of(user), name="test", lifetime=_A_DAY)
        return Client("http://testserver", token=secret, http=test_client)

    return act_as


@pytest.fixture
def api_client(api_as: Callable[..., Client]) -> Client:
    """A client that acts as an administrator."""
    return api_as(name="root", is_admin=True)
