"""Every import contract is proved by an import that breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

# Contract id -> (module to spoil, line that breaks the contract)
BREAKS = {
    "layers": ("kernel/clock.py", "import visionloop.data.hashing"),
    "no-web-in-domains": ("labeling/errors.py", "import fastapi"),
    "sql-in-stores": ("registry/errors.py", "import sqlalchemy"),
    "durable-engine-in-workflows": ("promotion/errors.py", "import dbos"),
    "pure-rules": ("admin/rules.py", "import pathlib"),
    "no-torch-in-control-plane": ("registry/errors.py", "import torch"),
    "acyclic": ("admin/entities.py", "import visionloop.admin.users"),
}


def _contracts() -> dict[str, str]:
    configuration = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    contracts = configuration["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in contracts}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package in which imports can be broken."""
    folder = tmp_path_factory.mktemp("contracts")
    ignore = shutil.ignore_patterns("static", "__pycache__")
    shutil.copytree(REPOSITORY / "src", folder / "src", ignore=ignore)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    return folder


def _broken(checkout: Path, contract: str) -> bool:
    program = (
        "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports; "
        f"sys.exit(lint_imports(limit_to_contracts=({contract!r},), no_cache=True))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert _contracts()[contract] in result.stdout, result.stdout + result.stderr
    return result.returncode != 0


def test_every_contract_has_a_breaking_import() -> None:
    assert set(BREAKS) == set(_contracts())


@pytest.mark.parametrize("contract", sorted(BREAKS))
def test_a_breaking_import_is_found(checkout: Path, contract: str) -> None:
    module, line = BREAKS[contract]
    path = checkout / "src" / "visionloop" / module
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        assert _broken(checkout, contract)
    finally:
        path.write_text(before)


def test_a_stray_folder_is_found(checkout: Path) -> None:
    stray = checkout / "src" / "visionloop" / "stray"
    stray.mkdir()
    (stray / "__init__.py").write_text('"""Belongs to no layer."""\n')
    try:
        assert _broken(checkout, "layers")
    finally:
        shutil.rmtree(stray)
