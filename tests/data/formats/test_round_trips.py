"""What a format says it holds comes back; what does not come back was announced as a loss."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.formats.label_sets import EVERYTHING, contents, is_same, label_sets, round_trip
from visionloop.data.formats.catalog import all_formats
from visionloop.data.formats.errors import ExportInvalid
from visionloop.data.formats.losses import losses

WRITABLE = sorted(name for name, format in all_formats().items() if format.write is not None)
_SETTINGS = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", WRITABLE)
@_SETTINGS
@given(data=st.data())
def test_what_a_format_holds_comes_back(name: str, data: st.DataObject) -> None:
    format = all_formats()[name]
    labels = data.draw(label_sets(format.holds))
    assert losses(format.title, format.holds, labels) == ()
    with tempfile.TemporaryDirectory() as folder:
        back = round_trip(format, labels, Path(folder))
        found, expected = contents(back, labels), contents(labels)
        assert back.findings.lines() == ()
    if not is_same(found, expected):
        assert found == expected


@pytest.mark.parametrize("name", WRITABLE)
@_SETTINGS
@given(data=st.data())
def test_what_does_not_come_back_is_announced(name: str, data: st.DataObject) -> None:
    format = all_formats()[name]
    labels = data.draw(label_sets(EVERYTHING))
    announced = losses(format.title, format.holds, labels)
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = contents(round_trip(format, labels, Path(folder)), labels)
        except ExportInvalid:
            return
    if not announced and not is_same(found, contents(labels)):
        assert found == contents(labels)
    for loss in announced:
        assert loss.count > 0
        assert loss.sentence.startswith(format.title)
        assert loss.sentence.endswith(".")
