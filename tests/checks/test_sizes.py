"""The size ratchet lets nothing grow."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def check_sizes() -> ModuleType:
    path = REPOSITORY / "tools" / "check_sizes.py"
    spec = importlib.util.spec_from_file_location("check_sizes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_new_and_grown_excess_is_refused(check_sizes: ModuleType) -> None:
    sizes = {"src/a.py": 500, "src/b.py:long": 70}
    assert len(check_sizes.excess(sizes, {})) == 2
    assert check_sizes.excess(sizes, {"src/a.py": 500, "src/b.py:long": 70}) == []
    assert len(check_sizes.excess(sizes, {"src/a.py": 499, "src/b.py:long": 80})) == 1


def test_long_functions_are_measured(check_sizes: ModuleType) -> None:
    text = "def long():\n" + "    pass\n" * 70
    assert list(check_sizes._long_functions(text)) == [("long", 71)]
