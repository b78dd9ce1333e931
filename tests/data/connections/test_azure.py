"""Azure Blob Storage, as its emulator speaks it."""

from __future__ import annotations

import pytest

from tests.data.connections.conftest import Check, make_container, sas_token
from tests.servers.azurite import ACCOUNT, KEY, Azurite
from visionloop.admin.entities import Actor, Project
from visionloop.data.datastores import DatastoreRequest, open_datastore, register
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database


@pytest.fixture
def options(azurite: Azurite) -> dict[str, str]:
    return {"account": ACCOUNT, "endpoint": azurite.endpoint}


def test_files_are_listed_and_read_with_the_account_key(
    sqlite_database: Database,
    sqlite_project: Project,
    admin_actor: Actor,
    container: str,
    options: dict[str, str],
) -> None:
    request = DatastoreRequest(
        "lake", f"az://{container}/line-1", "account_key", options, {"account_key": KEY}, True
    )
    made = register(sqlite_database, admin_actor, "parts", request)
    opened = open_datastore(sqlite_database, made)
    files = list(opened.list_files())
    assert sorted(file.path for file in files) == ["a b ü.jpg", "deep/b.jpg"]
    assert all(file.modified and file.size_bytes > 0 for file in files)
    assert opened.read("a b ü.jpg") == "line-1/a b ü.jpg".encode()
    assert [file.path for file in opened.list_files("deep")] == ["deep/b.jpg"]
    assert opened.local_path("a b ü.jpg") is None
    with pytest.raises(FileNotFoundError):
        opened.read("gone.jpg")
    with pytest.raises(FileNotFoundError):
        opened.read("../outside.jpg")


def test_a_signature_is_enough(check: Check, container: str, options: dict[str, str]) -> None:
    token = sas_token(container, "rl")
    found = check(f"az://{container}", "sas", options=options, credentials={"sas_token": token})
    assert (found.code, found.num_files_seen) == ("ok", 2)


def test_what_is_wrong_is_said_in_one_sentence(
    check: Check, azurite: Azurite, container: str, options: dict[str, str]
) -> None:
    empty = new_id("c").replace("_", "-")
    make_container(azurite, empty)
    key = {"account_key": KEY}
    url = f"az://{container}"
    cases = {
        "no_such_container": ("az://no-such-container", "account_key", key),
        "empty": (f"az://{empty}", "account_key", key),
        "key_refused": (url, "account_key", {"account_key": "QUJDRA=="}),
        "no_credentials": (url, "account_key", {}),
        "no_list_right": (url, "sas", {"sas_token": sas_token(container, "r")}),
        "no_read_right": (url, "sas", {"sas_token": sas_token(container, "l")}),
    }
    for code, (address, auth, credentials) in cases.items():
        found = check(address, auth, options=options, credentials=credentials)
        assert found.code == code, found
        assert found.reachable == (code == "empty")
        assert found.message.count(". ") == 0
        assert found.remedy
        assert "sig=" not in found.message + found.remedy


def test_a_host_that_does_not_answer_is_told_from_an_unknown_one(check: Check) -> None:
    given = {"auth": "account_key", "credentials": {"account_key": KEY}}
    for endpoint, code in {
        "http://127.0.0.1:9/x": "unreachable",
        "http://nowhere.invalid/x": "host_unknown",
    }.items():
        options = {"account": ACCOUNT, "endpoint": endpoint}
        assert check("az://photos", options=options, **given).code == code
