"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest

from tests.conftest import REPOSITORY
from visionloop.config import Settings
from visionloop.plugins import GROUPS

_REFERENCE = REPOSITORY / "docs" / "reference"
# Named in strings as modules to run or import, not as events.
_MODULES = {"cli", "compute", "serving"}
_EVENT = re.compile(r"f?\"visionloop\.([a-z_]+)\.[a-z_{}.]+\"")


@pytest.fixture(scope="module")
def write_reference() -> ModuleType:
    path = REPOSITORY / "tools" / "write_reference.py"
    spec = importlib.util.spec_from_file_location("write_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_settings_and_commands_are_up_to_date(write_reference: ModuleType) -> None:
    for name, text in write_reference.pages().items():
        assert (_REFERENCE / name).read_text() == text, "run: python tools/write_reference.py"


def test_every_setting_is_read_somewhere() -> None:
    code = "".join(path.read_text() for path in (REPOSITORY / "src").rglob("*.py"))
    for name in Settings.model_fields:
        assert re.search(rf"(settings|self)\.{name}\b", code), f"nothing reads {name}"


def test_every_event_is_documented_and_exists() -> None:
    found = {
        noun
        for path in (REPOSITORY / "src").rglob("*.py")
        for noun in _EVENT.findall(path.read_text())
    } - _MODULES
    table = (_REFERENCE / "events.md").read_text()
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))
    assert documented == found


def test_every_plugin_group_is_documented() -> None:
    text = (_REFERENCE / "plugins.md").read_text()
    assert all(f"`{group}`" in text for group in GROUPS)


def test_links_in_the_documents_lead_somewhere() -> None:
    pages = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    assert len(pages) >= 6
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_is_short() -> None:
    assert len((REPOSITORY / "README.md").read_text().splitlines()) <= 150
