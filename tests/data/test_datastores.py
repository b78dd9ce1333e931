from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ActorFactory
from tests.data.pictures import write_class_folders
from visionloop.admin.entities import Actor, Project, Role
from visionloop.admin.errors import BadName, PermissionDenied
from visionloop.admin.events import list_events
from visionloop.admin.spec import ResourceSpec
from visionloop.data import datastores
from visionloop.data.connections.errors import (
    AddressRefused,
    CredentialsInvalid,
    DatastoreInUse,
)
from visionloop.data.connections.folders import FolderDatastore
from visionloop.data.datastores import (
    DatastoreRequest,
    get_datastore,
    list_datastores,
    register,
    register_datastore,
    register_folder,
    remove_datastore,
    rotate_credentials,
)
from visionloop.data.errors import (
    DatastoreExists,
    DatastoreInvalid,
    DatastoreNotFound,
    DatastoreUnavailable,
)
from visionloop.data.images import list_images
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.setup import DatastoreApplier
from visionloop.storage.blobs import BlobStore
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
    opened = FolderDatastore("photos", str(folder))
    assert sorted(file.path for file in opened.list_files()) == sorted(ODD_NAMES)
    assert all(opened.read(name) == name.encode() for name in ODD_NAMES)
    assert [file.path for file in opened.list_files("deep")] == ["deep/er/x.jpg"]


def test_nothing_outside_is_reachable(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.jpg").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    opened = FolderDatastore("photos", str(folder))
    assert not any("secret" in f.path or f.path == "link.jpg" for f in opened.list_files())
    for path in ("../secret.txt", "link.jpg", "up/secret.txt", "/etc/passwd"):
        with pytest.raises(FileNotFoundError):
            opened.read(path)
    with pytest.raises(DatastoreUnavailable):
        list(opened.list_files(".."))


def test_a_vanished_file_and_folder_are_told_apart(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FolderDatastore("photos", str(folder)).read("gone.jpg")
    with pytest.raises(DatastoreUnavailable, match="photos"):
        FolderDatastore("photos", str(tmp_path / "gone"))


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
    assert (gone.code, gone.message) == (
        "no_such_container",
        "There is no such folder on the server.",
    )


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


def test_a_project_file_says_how_to_sign_in_but_never_with_what(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor
) -> None:
    applier = DatastoreApplier(sqlite_database)
    values = {"url": "s3://bucket/x/", "auth": "access_key", "options": {"path_style": True}}
    applier.apply(admin_actor, "parts", ResourceSpec("datastore", "line", values))
    expected = {"url": "s3://bucket/x", "auth": "access_key", "options": {"path_style": "true"}}
    assert applier.current("parts") == {"line": expected}
    assert applier.normalise(values) == expected
    secret = values | {"credentials": {"secret_access_key": "hush"}}
    with pytest.raises(DatastoreInvalid, match="credentials") as caught:
        applier.apply(admin_actor, "parts", ResourceSpec("datastore", "other", secret))
    assert "hush" not in caught.value.message


def test_only_administrators_point_us_into_our_own_network(
    sqlite_database: Database, sqlite_project: Project, make_actor: ActorFactory
) -> None:
    engineer = make_actor(Role.DATA_ENGINEER)
    url = "az://photos"
    own = {"account": "lake"}
    for request in (
        DatastoreRequest("line", "https://example.com/list.txt", allow_private=True),
        DatastoreRequest(
            "line", url, "managed_identity", own | {"identity_endpoint": "https://evil.example"}
        ),
        DatastoreRequest("line", url, "workload_identity", own | {"federated_token_file": "/etc"}),
    ):
        with pytest.raises(PermissionDenied):
            register(sqlite_database, engineer, "parts", request)
    for request in (
        DatastoreRequest("line", "http://example.com/list.txt"),
        DatastoreRequest("line", "s3://bucket", options={"endpoint": "http://minio.example"}),
    ):
        with pytest.raises(AddressRefused, match="HTTP"):
            register(sqlite_database, engineer, "parts", request)


def test_a_datastore_is_removed_once_nothing_is_read_from_it(
    database: Database, project: Project, blobs: BlobStore, admin_actor: Actor, tmp_path: Path
) -> None:
    photos = write_class_folders(tmp_path / "photos")
    request = IngestRequest(folder=str(photos))
    ingest_folder(database, blobs, admin_actor, "parts", request)
    with pytest.raises(DatastoreInUse, match="16 images"):
        remove_datastore(database, admin_actor, "parts", "photos")
    other = write_class_folders(tmp_path / "copied", first_seed=100)
    ingest_folder(
        database, blobs, admin_actor, "parts", IngestRequest(folder=str(other), managed=True)
    )
    remove_datastore(database, admin_actor, "parts", "copied")
    with pytest.raises(DatastoreNotFound, match="photos"):
        get_datastore(database, admin_actor, "parts", "copied")
    assert list_images(database, admin_actor, "parts")[1] == 32


def test_credentials_leave_no_trace(
    database: Database, project: Project, make_actor: ActorFactory
) -> None:
    engineer = make_actor(Role.DATA_ENGINEER)
    keys = {"access_key_id": "AKIAHUSH", "secret_access_key": "hush-hush"}
    request = DatastoreRequest("line", "s3://bucket/x", "access_key", credentials=keys)
    made = register(database, engineer, "parts", request)
    assert (made.has_credentials, made.rotated_by) == (True, engineer.name)
    rotate_credentials(database, engineer, "parts", "line", keys | {"session_token": "hush2"})
    shown = repr(list_datastores(database, make_actor(Role.VIEWER), "parts"))
    told = repr(list_events(database, make_actor(Role.VIEWER), project="parts"))
    assert "credentials_rotated" in told
    with database.read() as tx:
        rows = tx.exec_driver_sql("SELECT * FROM datastore_credentials").all()
    assert len(rows) == 1
    for text in (shown, told, repr(rows), repr(request)):
        assert "hush" not in text.lower()
    with pytest.raises(PermissionDenied):
        rotate_credentials(database, make_actor(Role.VIEWER), "parts", "line", keys)
    with pytest.raises(CredentialsInvalid, match="missing"):
        rotate_credentials(database, engineer, "parts", "line", {"access_key_id": "x"})


def test_credentials_do_not_follow_a_changed_address(
    sqlite_database: Database, sqlite_project: Project, admin_actor: Actor
) -> None:
    keys = {"access_key_id": "a", "secret_access_key": "b"}
    request = DatastoreRequest("line", "s3://bucket/x", "access_key", credentials=keys)
    register(sqlite_database, admin_actor, "parts", request)
    with sqlite_database.begin() as tx:
        tx.exec_driver_sql("UPDATE datastores SET url = 's3://elsewhere/x'")
    found = datastores.test_datastore(sqlite_database, admin_actor, "parts", "line")
    assert found.code == "secret_unreadable"
    assert "moved" in found.message
