"""Every format keeps the public contract, and the contract notices one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from visionloop.data.formats.catalog import all_formats
from visionloop.data.formats.entities import LabeledImage, LabelSet
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.testing.formats import check_format


@pytest.mark.parametrize("name", sorted(all_formats()))
def test_every_format_keeps_its_promises(name: str, tmp_path: Path) -> None:
    check_format(all_formats()[name], tmp_path)


def _forgetful(format: AnnotationFormat, **changes: object) -> AnnotationFormat:
    """A format that loses something of every image that it reads."""

    def read(source: LabelSource, hints: ReadHints) -> LabelSet:
        labels = format.read(source, hints)

        def stream() -> Iterator[LabeledImage]:
            for image in labels:
                yield replace(image, **changes)  # type: ignore[arg-type]

        return replace(labels, stream=stream)

    return replace(format, read=read)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"split": None}, "split None"),
        ({"annotations": ()}, "0 annotations came back"),
        ({"name": "x.jpg"}, "is missing"),
    ],
)
def test_a_forgetful_format_is_noticed(
    changes: dict[str, object], words: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match=words):
        check_format(_forgetful(all_formats()["coco"], **changes), tmp_path)


def test_false_names_and_greedy_detection_are_noticed(tmp_path: Path) -> None:
    coco = all_formats()["coco"]
    with pytest.raises(AssertionError, match="no short name"):
        check_format(replace(coco, name="My Format"), tmp_path / "a")
    with pytest.raises(AssertionError, match="empty folder"):
        check_format(replace(coco, detect=lambda source: "always"), tmp_path / "b")
