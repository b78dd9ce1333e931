from __future__ import annotations

import re
from pathlib import Path

import pytest

from visionloop.data.query.fields import ALIASES, FIELDS, LABEL_FIELDS
from visionloop.data.query.parsing import parse_filter
from visionloop.data.statistics import STATISTIC_NAMES

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "query.md").read_text()


def examples() -> list[str]:
    """Every example of a table, and every filter of a command."""
    rows = [line.split("|") for line in PAGE.splitlines() if line.startswith("|")]
    cells = [cell for row in rows for cell in row if cell.strip().startswith("`")]
    found = [match for cell in cells for match in re.findall(r"`([^`]+)`", cell)[:1]]
    commands = re.findall(r"^visionloop [^\n]*'([^'\n]+)'", PAGE, re.MULTILINE)
    return [text for text in found if text not in ("=", "and", "~", "*", "!= none")] + commands


def test_the_page_has_examples() -> None:
    assert len(examples()) > 20


@pytest.mark.parametrize("text", examples())
def test_an_example_is_a_filter(text: str) -> None:
    parse_filter(text)


@pytest.mark.parametrize("name", [*FIELDS, *LABEL_FIELDS, "brightness", "contrast", "sharpness"])
def test_every_field_is_documented(name: str) -> None:
    is_known = name in ALIASES or name in FIELDS or name in LABEL_FIELDS
    assert is_known
    assert name in STATISTIC_NAMES or re.search(rf"\b{name}\b", PAGE)
