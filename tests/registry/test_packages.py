from __future__ import annotations

import io
import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.registry.conftest import LABELS, SIDE, MakeFolder
from visionloop.admin.entities import SYSTEM, Project
from visionloop.registry import packages, versions
from visionloop.registry.archives import stream_archive
from visionloop.registry.errors import PackageDamaged, PackageMissing
from visionloop.registry.signing import load_public_key
from visionloop.registry.versions import Registration
from visionloop.storage.database import Database
from visionloop.storage.home import Home


@pytest.fixture
def package(
    sqlite_database: Database, home: Home, sqlite_project: Project, make_folder: MakeFolder
) -> Path:
    """Folder of a registered package."""
    version = versions.register_version(
        sqlite_database,
        home,
        SYSTEM,
        "parts",
        registration=Registration("parts-classifier", make_folder()),
    )
    return home.packages_dir / version.digest


def test_a_package_says_what_it_is(package: Path) -> None:
    loaded = packages.load_package(package)
    assert loaded.digest == package.name
    assert (loaded.name, loaded.task, loaded.labels) == (
        "parts-classifier", "classification", LABELS,
    )  # fmt: skip
    assert loaded.preprocessing == {"height": SIDE, "width": SIDE}
    assert loaded.parity["passed"] is True
    assert set(loaded.files) == set(packages.list_files(package))


def test_one_changed_byte_is_found(package: Path, home: Home) -> None:
    key = load_public_key(home)
    assert packages.verify_package(package, key).intact
    for name in packages.list_files(package):
        path = package / name
        original = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
        assert packages.verify_package(package, key).problems == (f"{name} has changed",)
        path.write_bytes(original)
    assert packages.verify_package(package, key).intact


def test_added_and_missing_files_are_found(package: Path, home: Home) -> None:
    (package / "extra.json").write_text("{}")
    (package / "environment.txt").unlink()
    found = packages.verify_package(package, load_public_key(home))
    assert found.problems == ("environment.txt is missing", "extra.json was added")


def test_a_changed_manifest_needs_a_signature_that_nobody_else_can_make(
    package: Path, home: Home, tmp_path: Path
) -> None:
    key = load_public_key(home)
    manifest = json.loads((package / "package.json").read_text())
    manifest["labels"][0] = "spring"
    (package / "package.json").chmod(0o644)
    (package / "package.json").write_text(json.dumps(manifest))
    assert packages.verify_package(package, key).problems == (
        "its signature is for another digest",
    )
    stranger = Home(tmp_path / "stranger")
    forged = versions.sign_digest(stranger, packages.load_package(package).digest)
    (package / "signature.json").chmod(0o644)
    (package / "signature.json").write_text(json.dumps(forged))
    (problem,) = packages.verify_package(package, key).problems
    assert problem.startswith("it is signed with key")
    (package / "signature.json").write_text(json.dumps(forged | {"key_id": key.key_id}))
    assert packages.verify_package(package, key).problems == ("its signature does not hold",)
    (package / "signature.json").unlink()
    assert packages.verify_package(package, key).problems == ("it is not signed",)


def test_the_signing_key_is_for_its_owner_alone(home: Home) -> None:
    first, again = load_public_key(home), load_public_key(home)
    assert first == again
    (path,) = home.keys_dir.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "PRIVATE" not in first.pem
    assert first.key_id in json.dumps(versions.sign_digest(home, "0" * 64))


def test_a_damaged_or_missing_package_is_named(
    package: Path, sqlite_database: Database, home: Home
) -> None:
    (package / "package.json").chmod(0o644)
    (package / "package.json").write_text("{")
    with pytest.raises(PackageDamaged, match="cannot be read"):
        packages.load_package(package)
    package.rename(home.root / "gone")
    with pytest.raises(PackageMissing, match="are not on this machine"):
        versions.verify_version(
            sqlite_database, home, SYSTEM, "parts", model="parts-classifier", version=1
        )


def test_the_archive_holds_the_whole_package(package: Path) -> None:
    data = b"".join(stream_archive(package))
    assert data == b"".join(stream_archive(package))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert names == {"package.json", "signature.json", *packages.list_files(package)}
        assert archive.read("model.onnx") == (package / "model.onnx").read_bytes()


def test_the_card_tells_performance_with_intervals_and_limits(package: Path) -> None:
    card = (package / "model_card.md").read_text()
    assert card.startswith("# parts-classifier\n")
    assert "| washer | 20 |" in card
    assert " to 0." in card
    assert "largest difference" in card
    assert "epochs | 3" in card


def test_the_recipe_in_the_card_scores_without_us(package: Path, tmp_path: Path) -> None:
    """Runs the code block of the card in a process that cannot import Visionloop."""
    from PIL import Image

    pixels = np.zeros((40, 50, 3), dtype=np.uint8)
    pixels[..., 1] = 200
    Image.fromarray(pixels).save(tmp_path / "photo.jpg")
    card = (package / "model_card.md").read_text()
    code = card.split("```python\n")[1].split("```")[0]
    code += "\nimport sys; assert not any('visionloop' in name for name in sys.modules)"
    code += "\nprint(int(probabilities[0].argmax()))"
    (tmp_path / "model.onnx").write_bytes((package / "model.onnx").read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"


def test_loading_a_package_is_light() -> None:
    code = (
        "import sys, visionloop.registry.packages\n"
        "heavy = {'torch', 'duckdb', 'sqlalchemy', 'numpy', 'onnxruntime'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
