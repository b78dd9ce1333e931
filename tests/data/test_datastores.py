from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ActorFactory
from visionloop.admin.entities import Actor, Project, Role
from visionloop.admin.errors import BadName, PermissionDenied
from visionloop.admin.spec import ResourceSpec
from visionloop.data import datastores
from visionloop.data.datastores import (
    OpenDatastore,
    get_datastore,
    list_datastores,
    register_datastore,
    register_folder,
)
from visionloop.data.errors import (
    DatastoreExists,
    DatastoreInvalid,
    DatastoreNotFound,
    DatastoreUnavailable,
)
from visionloop.data.setup import DatastoreApplier
from visionloop.storage.database import Database

ODD_NAMES = ["a b.jpg", "ü ✓.png", "a%20b.png", "[x].jpg", "a#b.png", "q?.png", "deep/er/x.jpg"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "My Photos"
    for name in ODD_NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def test_every_name_is_listed_and_read(folder: Path) -> None:
    opened = OpenDatastore("photos", str(folder))
    assert sorted(file.path for file in opened.list_files()) == sorted(ODD_NAMES)
    assert all(opened.read(name) == name.encode() for name in ODD_NAMES)
    assert [file.path for file in opened.list_files("deep")] == ["deep/er/x.jpg"]


def test_nothing_outside_is_reachable(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.jpg").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    opened = OpenDatastore("photos", str(folder))
    assert not any("secret" in f.path or f.path == "link.jpg" for f in opened.list_files())
    for path in ("../secret.txt", "link.jpg", "up/secret.txt", "/etc/passwd"):
        with pytest.raises(FileNotFoundError):
            opened.read(path)
    with pytest.raises(DatastoreUnavailable):
        list(opened.list_files(".."))


def test_a_vanished_file_and_folder_are_told_apart(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        OpenDatastore("photos", str(folder)).read("gone.jpg")
    with pytest.raises(DatastoreUnavailable, match="photos"):
        OpenDatastore("photos", str(tmp_path / "gone"))


def test_registering_again_changes_nothing(
    database: Database, project: Project, admin_actor: Actor, folder: Path, tmp_path: Path
) -> None:
    first = register_datastore(database, admin_actor, "parts", name="photos", url=str(folder))
    again = register_datastore(
        database, admin_actor, "parts", name="photos", url=f"{folder}/../{folder.name}"
    )
    assert again == first
    assert list_datastores(database, admin_actor, "parts") == [first]
    with pytest.raises(DatastoreExists, match="photos"):
        register_datastore(database, admin_actor, "parts", name="photos", url=str(tmp_path))


def test_a_folder_is_registered_under_its_own_name(
    sqlite_database: Database,
    sqlite_project: Project,
    admin_actor: Actor,
    folder: Path,
    tmp_path: Path,
) -> None:
    other = tmp_path / "elsewhere" / "My Photos"
    other.mkdir(parents=True)
    names = [
        register_folder(sqlite_database, admin_actor, "parts", str(path)).name
        for path in (folder, other, folder)
    ]
    assert names == ["my-photos", "my-photos-2", "my-photos"]


@pytest.mark.parametrize(
    "url", ["/no/such/folder", "ftp://host/x", "s3://key:secret@bucket/x", "https://h/c?sig=abc"]
)
def test_unusable_addresses_are_refused_without_repeating_secrets(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor, url: str
) -> None:
    with pytest.raises(DatastoreInvalid) as caught:
        register_datastore(sqlite_database, admin_actor, "parts", name="photos", url=url)
    assert "secret" not in caught.value.message
    assert "sig" not in caught.value.message


def test_object_store_addresses_are_accepted(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor
) -> None:
    for name, url in {
        "on-s3": "s3://bucket/photos",
        "on-azure": "abfs://photos@account.dfs.core.windows.net/line-1",
        "on-gcs": "gs://bucket/photos",
    }.items():
        made = register_datastore(sqlite_database, admin_actor, "parts", name=name, url=url)
        assert made.url == url


def test_bad_names_and_missing_rights_are_refused(
    sqlite_database: Database, sqlite_project: Project, make_actor: ActorFactory, folder: Path
) -> None:
    engineer = make_actor(Role.DATA_ENGINEER)
    with pytest.raises(BadName):
        register_datastore(sqlite_database, engineer, "parts", name="My Photos", url=str(folder))
    with pytest.raises(PermissionDenied):
        register_datastore(
            sqlite_database, make_actor(Role.LABELER), "parts", name="photos", url=str(folder)
        )
    with pytest.raises(DatastoreNotFound, match="none"):
        get_datastore(sqlite_database, engineer, "parts", "photos")


def test_a_check_says_what_it_found(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor, folder: Path
) -> None:
    register_datastore(sqlite_database, admin_actor, "parts", name="photos", url=str(folder))
    found = datastores.test_datastore(sqlite_database, admin_actor, "parts", "photos")
    assert found.reachable
    assert found.num_files_seen == len(ODD_NAMES)
    folder.rename(folder.with_name("moved"))
    gone = datastores.test_datastore(sqlite_database, admin_actor, "parts", "photos")
    assert not gone.reachable
    assert str(folder) in gone.message


def test_a_project_file_registers_datastores(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor, folder: Path
) -> None:
    applier = DatastoreApplier(sqlite_database)
    wanted = ResourceSpec("datastore", "photos", {"url": str(folder)})
    applier.apply(admin_actor, "parts", wanted)
    applier.apply(admin_actor, "parts", wanted)
    assert applier.current("parts") == {"photos": {"url": str(folder)}}
    with pytest.raises(DatastoreInvalid, match="'url'"):
        applier.apply(admin_actor, "parts", ResourceSpec("datastore", "other"))
