from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.conftest import ActorFactory
from tests.registry.conftest import LABELS, MakeFolder
from visionloop.admin.entities import SYSTEM, Project
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.registry import aliases, versions
from visionloop.registry.entities import CHAMPION, ModelVersion
from visionloop.registry.errors import (
    AliasBad,
    AliasNotFound,
    GraphUnfit,
    ModelNameBad,
    ModelNotFound,
    ModelVersionNotFound,
    PackageIncomplete,
    PackageUnsafe,
    ParityFailed,
)
from visionloop.registry.versions import Registration
from visionloop.storage.database import Database
from visionloop.storage.home import Home


def _register(
    database: Database, home: Home, folder: Path, name: str = "parts-classifier"
) -> ModelVersion:
    return versions.register_version(
        database, home, SYSTEM, "parts", registration=Registration(name, folder)
    )


def test_a_registered_model_is_packed_signed_and_announced(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    version = _register(database, home, make_folder())
    assert (version.reference, version.labels) == ("parts-classifier:1", LABELS)
    assert version.parity.passed
    assert version.parity.num_images == 6
    assert 0 < version.metrics["accuracy"] < 1
    folder = home.packages_dir / version.digest
    assert {path.name for path in folder.iterdir()} >= {
        "package.json", "signature.json", "model_card.md", "model.onnx", "checkpoint",
    }  # fmt: skip
    verified = versions.verify_version(
        database, home, SYSTEM, "parts", model="parts-classifier", version=1
    )
    assert verified.intact
    assert verified.num_files == version.num_files
    (event,) = list_events(database, SYSTEM, "parts", type_prefix="visionloop.model_version")
    assert event.type == "visionloop.model_version.registered"
    assert event.data["digest"] == version.digest
    assert (event.data["model"], event.data["version"]) == ("parts-classifier", 1)
    assert not [path for path in home.packages_dir.iterdir() if path.name.startswith(".")]


def test_the_same_content_again_is_the_same_version(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    first = _register(database, home, make_folder())
    again = _register(database, home, make_folder())
    other = _register(database, home, make_folder(gain=0.2))
    assert again == first
    assert other.version == 2
    assert len(list_events(database, SYSTEM, "parts", type_prefix="visionloop.model_v")) == 2
    with pytest.raises(ModelNameBad):
        _register(database, home, make_folder(), name="Bad Name")


def test_a_lost_package_is_restored_by_registering_again(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    first = _register(database, home, make_folder())
    (home.packages_dir / first.digest).rename(home.root / "gone")
    assert _register(database, home, make_folder()) == first
    assert (home.packages_dir / first.digest / "package.json").is_file()


def test_numbers_are_given_once_when_many_register_at_the_same_time(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    folders = [make_folder(gain=0.1 + i / 100) for i in range(4)]
    threads = [threading.Thread(target=_register, args=(database, home, f)) for f in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = versions.list_versions(database, SYSTEM, "parts", model="parts-classifier")
    assert sorted(version.version for version in found) == [1, 2, 3, 4]


def test_a_graph_that_differs_from_its_checkpoint_is_refused(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    folder = make_folder(gain=0.1, checkpoint_gain=0.11)
    with pytest.raises(ParityFailed, match=r"differs from its checkpoint by 0\.\d+ on 6 images"):
        _register(database, home, folder)
    assert versions.list_models(database, SYSTEM, "parts") == []
    assert list(home.packages_dir.iterdir()) == []
    assert list_events(database, SYSTEM, "parts", type_prefix="visionloop.model") == []


def test_missing_files_are_all_named(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    folder = make_folder()
    (folder / "evaluation.json").unlink()
    (folder / "environment.txt").write_bytes(b"")
    (folder / "checkpoint" / "model.safetensors").unlink()
    with pytest.raises(PackageIncomplete) as refused:
        _register(database, home, folder)
    assert refused.value.details["missing"] == [
        "environment.txt", "evaluation.json", "checkpoint/*.safetensors",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["optimizer.pt", "weights.pkl", "pytorch_model.bin", "run.py"])
def test_files_that_can_run_code_are_refused(
    database: Database, home: Home, project: Project, make_folder: MakeFolder, name: str
) -> None:
    folder = make_folder()
    (folder / "checkpoint" / name).write_bytes(b"cos\nsystem\n")
    with pytest.raises(PackageUnsafe, match=f"checkpoint/{name}"):
        _register(database, home, folder)


def test_links_out_of_the_package_are_refused(
    database: Database, home: Home, project: Project, make_folder: MakeFolder, tmp_path: Path
) -> None:
    folder = make_folder()
    (tmp_path / "secret.json").write_text("{}")
    (folder / "checkpoint" / "extra.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(PackageUnsafe, match="is a link"):
        _register(database, home, folder)


def test_a_graph_that_does_not_fit_is_refused(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    with pytest.raises(GraphUnfit, match="names 4 classes, the checkpoint gives 3"):
        _register(database, home, make_folder(num_outputs=3))
    broken = make_folder()
    (broken / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(GraphUnfit, match="cannot be"):
        _register(database, home, broken)
    pickled = make_folder()
    (pickled / "parity.npz").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(GraphUnfit, match="parity sample cannot be read"):
        _register(database, home, pickled)


def test_only_those_with_the_right_register(
    database: Database,
    home: Home,
    project: Project,
    make_folder: MakeFolder,
    make_actor: ActorFactory,
) -> None:
    registration = Registration("parts-classifier", make_folder())
    with pytest.raises(PermissionDenied):
        versions.register_version(
            database, home, make_actor("labeler"), "parts", registration=registration
        )


def test_aliases_move_and_name_versions(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    _register(database, home, make_folder())
    _register(database, home, make_folder(gain=0.2))
    where = {"model": "parts-classifier"}
    assert aliases.find_alias(database, SYSTEM, "parts", "parts-classifier", CHAMPION) is None
    aliases.set_alias(database, SYSTEM, "parts", **where, alias=CHAMPION, version=1)
    aliases.set_alias(database, SYSTEM, "parts", **where, alias="challenger", version="latest")
    moved = aliases.set_alias(
        database, SYSTEM, "parts", **where, alias=CHAMPION, version="challenger"
    )
    aliases.set_alias(database, SYSTEM, "parts", **where, alias=CHAMPION, version=2)
    assert moved.aliases == ("challenger", "champion")
    found = versions.get_version(database, SYSTEM, "parts", "parts-classifier", CHAMPION)
    assert found.version == 2
    events = list_events(database, SYSTEM, "parts", type_prefix="visionloop.model_alias")
    assert [(e.data["alias"], e.data["version"], e.data["previous"]) for e in events] == [
        ("champion", 1, None),
        ("challenger", 2, None),
        ("champion", 2, 1),
    ]
    (model,) = versions.list_models(database, SYSTEM, "parts")
    assert (model.latest_version, model.num_versions) == (2, 2)
    assert model.aliases == {"challenger": 2, "champion": 2}
    aliases.delete_alias(database, SYSTEM, "parts", **where, alias="challenger")
    with pytest.raises(AliasNotFound):
        aliases.delete_alias(database, SYSTEM, "parts", **where, alias="challenger")


@pytest.mark.parametrize("alias", ["latest", "3", "Champion", "a/b", ""])
def test_an_alias_is_never_mistaken_for_a_number(
    database: Database, home: Home, project: Project, make_folder: MakeFolder, alias: str
) -> None:
    with pytest.raises(AliasBad):
        aliases.set_alias(
            database, SYSTEM, "parts", model="parts-classifier", alias=alias, version=1
        )


def test_the_champion_is_not_named_by_hand_except_by_administrators(
    database: Database,
    home: Home,
    project: Project,
    make_folder: MakeFolder,
    make_actor: ActorFactory,
) -> None:
    _register(database, home, make_folder())
    scientist, engineer = make_actor("data_scientist"), make_actor("ml_engineer")
    where = {"model": "parts-classifier", "version": 1}
    aliases.set_alias(database, scientist, "parts", **where, alias="candidate")
    for actor in (scientist, engineer, make_actor("infra"), make_actor("approver")):
        with pytest.raises(PermissionDenied, match="bypass gates"):
            aliases.set_alias(database, actor, "parts", **where, alias=CHAMPION)
    aliases.set_alias(database, make_actor("admin"), "parts", **where, alias=CHAMPION)


def test_versions_are_compared(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    _register(database, home, make_folder())
    _register(database, home, make_folder(gain=0.2, labels=("a", "b", "c", "d")))
    found = versions.compare_versions(
        database, SYSTEM, "parts", model="parts-classifier", versions=[1, "latest"]
    )
    assert [version.version for version in found.versions] == [1, 2]
    assert len(found.metrics["accuracy"]) == 2
    assert found.changed["labels"] == ("washer, bolt, nut, gear", "a, b, c, d")
    assert "dataset" not in found.changed


def test_what_is_not_there_is_named(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    with pytest.raises(ModelNotFound):
        versions.get_version(database, SYSTEM, "parts", "unknown", 1)
    _register(database, home, make_folder())
    for wanted in (7, "challenger"):
        with pytest.raises(ModelVersionNotFound, match="Use a number, an alias"):
            versions.get_version(database, SYSTEM, "parts", "parts-classifier", wanted)


def test_a_package_keeps_one_name(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    """The name is part of the content, so another name is another package."""
    first = _register(database, home, make_folder())
    second = _register(database, home, make_folder(), name="other")
    assert first.digest != second.digest
    assert second.version == 1


def test_a_description_is_kept(
    database: Database, home: Home, project: Project, make_folder: MakeFolder
) -> None:
    _register(database, home, make_folder())
    changed = versions.describe_model(
        database, SYSTEM, "parts", "parts-classifier", description="Sorts parts on line A."
    )
    assert changed.description == "Sorts parts on line A."
