"""Contract check for annotation formats, for authors of plugins and for our own.

def test_my_format(tmp_path):
    check_format(my_package.FORMAT, tmp_path)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft, AnnotationKind
from visionloop.data.formats import masks
from visionloop.data.formats.entities import (
    CROWD,
    Holds,
    LabelCategory,
    LabeledImage,
    LabelSet,
)
from visionloop.data.formats.losses import losses, take_survey
from visionloop.data.formats.ports import AnnotationFormat, ReadHints
from visionloop.data.formats.shapes import rotated_corners, scaled
from visionloop.data.formats.sources import FolderSource
from visionloop.data.formats.target import ExportTarget

_WIDTH: Final = 40
_HEIGHT: Final = 30
_BOX: Final = (2.25, 3.5, 20.0, 17.75)
_RING: Final = [2.25, 3.5, 20.0, 3.5, 18.0, 17.75, 9.0, 12.0]
_POINTS: Final = [[4.0, 5.0, 2], [6.5, 7.0, 1]]


def check_format(format: AnnotationFormat, folder: Path) -> None:
    """Check that a format keeps its promises.

    Its name is one that people can type; an empty folder is not taken for it; and where it can be
    written, a set with everything that it says it holds is recognised and comes back equal.

    Args:
        format: what the entry point offers.
        folder: an empty folder to write into.

    Raises:
        AssertionError: a promise is broken; the message says which.
    """
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,40}", format.name), f"{format.name!r} is no short name"
    assert format.title, "a format needs a title"
    empty = folder / "empty"
    empty.mkdir(parents=True)
    assert format.detect(FolderSource(empty)) is None, "an empty folder is taken for the format"
    if format.write is None:
        return
    labels = sample_set(format.holds)
    lost = losses(format.title, format.holds, labels)
    assert not lost, f"the sample should fit: {lost}"
    written = folder / "written"
    written.mkdir()
    format.write(labels, ExportTarget(written, _stand_in), take_survey(labels))
    source = FolderSource(written)
    if not format.named_only:
        assert format.detect(source), "what the format writes, it does not recognise"
    classes = tuple(category.name for category in labels.categories)
    back = format.read(source, ReadHints(classes))
    for attempt in ("first", "second"):
        found = {image.name: image for image in back}
        for image in labels:
            assert image.name in found, f"{image.name} is missing at the {attempt} reading"
            _compare(image, found[image.name])


def sample_set(holds: Holds) -> LabelSet:
    """Return a small set with everything that a format says it holds."""
    categories: tuple[LabelCategory, ...] = (LabelCategory("bolt"), LabelCategory("nut große"))
    images = []
    for number, kind in enumerate(sorted(holds.kinds)):
        label = _label(kind, categories[number % 2].name, holds)
        # Ordinal suffixes keep names apart, whatever a format does to folders and endings.
        name = f"{'sub/' if holds.folders else ''}bild {number}ß.jpg"
        split: Any = ("train", "val", "test")[number % 3] if holds.splits else None
        images.append(LabeledImage(name, (label,), _WIDTH, _HEIGHT, split))
    if holds.negatives:
        images.append(LabeledImage("nothing.jpg", (), _WIDTH, _HEIGHT))
    if not holds.unused_categories:
        used = {label.category for image in images for label in image.annotations}
        categories = tuple(item for item in categories if item.name in used)
    return LabelSet(categories, lambda: iter(images))


def _stand_in(image: LabeledImage) -> bytes:
    return f"the image {image.name}".encode()


def _label(kind: AnnotationKind, category: str, holds: Holds) -> AnnotationDraft:
    label = AnnotationDraft(category=category, kind=kind, source="import")
    if kind in ("box", "keypoints"):
        label = replace(label, bbox=_BOX)
    if kind == "keypoints":
        label = replace(label, keypoints=_POINTS)
    if kind in ("polygon", "polyline"):
        parts = [_RING, [value + 8 for value in _RING]]
        several = kind == "polygon" and holds.multi_part
        label = replace(label, segmentation=parts if several else parts[:1])
    if kind == "rotated_box":
        label = replace(label, segmentation=[rotated_corners(_BOX, 30.0)])
    if kind == "mask":
        inside, outside = 5 * _HEIGHT + 4, _WIDTH * _HEIGHT
        rle = {"size": [_HEIGHT, _WIDTH], "counts": [inside, 9, outside - inside - 9]}
        label = replace(label, segmentation=rle, bbox=masks.bounds(rle))
    attributes: dict[str, Any] = {"wet": True} if holds.attributes is None else {}
    if holds.crowd and kind in ("polygon", "mask"):
        attributes[CROWD] = 1
    return replace(
        label,
        attributes=attributes,
        score=0.625 if holds.scores else None,
        external_id="17" if holds.external_ids else None,
    )


def _compare(before: LabeledImage, after: LabeledImage) -> None:
    name = before.name
    assert after.split == before.split, f"{name}: split {after.split!r}, wrote {before.split!r}"
    found = after.annotations
    if after.relative:
        found = tuple(
            scaled(label, _WIDTH, _HEIGHT) for label in found if isinstance(label, AnnotationDraft)
        )
    assert len(found) == len(before.annotations), f"{name}: {len(found)} annotations came back"
    for wrote, read in zip(before.annotations, found, strict=True):
        for fact in ("category", "kind", "attributes", "score", "keypoints", "external_id"):
            one, two = getattr(wrote, fact), getattr(read, fact)
            same = (fact == "external_id" and one is None) or _same(one, two)
            assert same, f"{name}: {fact} {two!r} came back, wrote {one!r}"
        if wrote.kind in ("box", "keypoints"):
            assert _same(wrote.bbox, read.bbox), f"{name}: box {read.bbox}, wrote {wrote.bbox}"
        assert _same(_shape(wrote), _shape(read)), f"{name}: another shape came back"


def _shape(label: Any) -> Any:
    shape = label.segmentation
    return masks.counts_of(shape) if isinstance(shape, Mapping) else shape


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        pairs = zip(one, two, strict=False)
        return len(one) == len(two) and all(_same(a, b) for a, b in pairs)
    if isinstance(one, float) and isinstance(two, float | int):
        return math.isclose(one, two, abs_tol=1e-6)
    return bool(one == two)
