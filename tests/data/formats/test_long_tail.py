"""Formats that only Datumaro reads, with the extra or with a word on how to get it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.data.formats.test_detection import write
from visionloop.data.errors import IngestInvalid
from visionloop.data.formats.catalog import get_format
from visionloop.data.formats.reading import read_hints


def test_a_format_of_datumaro_is_read_or_the_extra_is_named(tmp_path: Path) -> None:
    source = write("voc", "box", tmp_path / "set")
    format, hints = get_format("datumaro:voc_detection"), read_hints("datumaro:voc_detection", ())
    if find_spec("datumaro") is None:
        with pytest.raises(IngestInvalid, match=r"pip install 'visionloop\[datumaro\]'"):
            format.read(source, hints)
        return
    found = {image.name: image for image in format.read(source, hints)}
    assert found.keys() == {"bolt.jpg", "nut.jpg"}
    (label,) = found["bolt.jpg"].annotations
    assert (label.category, label.kind, label.bbox) == ("bolt", "box", (1.0, 2.0, 9.0, 8.0))
    assert found["bolt.jpg"].split == "train"
