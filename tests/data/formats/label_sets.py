"""Hypothesis strategies for annotation sets, and what two of them must have in common."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from visionloop.data.entities import AnnotationDraft, AnnotationKind
from visionloop.data.formats import masks
from visionloop.data.formats.entities import (
    ALL_KINDS,
    CROWD,
    Holds,
    Label,
    LabelCategory,
    LabeledImage,
    LabelSet,
    Skeleton,
)
from visionloop.data.formats.losses import take_survey
from visionloop.data.formats.ports import AnnotationFormat, ReadHints
from visionloop.data.formats.shapes import rotated_corners, scaled
from visionloop.data.formats.sources import FolderSource
from visionloop.data.formats.target import ExportTarget

WIDTH, HEIGHT = 61, 47
EVERYTHING = Holds(
    kinds=ALL_KINDS, multi_part=True, keypoints_beside=True, uneven_keypoints=True,
    skewed_boxes=True, crowd=True, attributes=None, nested_attributes=True,
    image_attributes=True, scores=True, authors=True, external_ids=True, image_ids=True,
    category_ids=True, supercategories=True, skeletons=True, several_classes=True,
    classes_beside_shapes=True,
)  # fmt: skip
_VOC_ATTRIBUTES: dict[str, st.SearchStrategy[Any]] = {
    "difficult": st.just(1),
    "truncated": st.just(1),
    "occluded": st.just(1),
    "pose": st.sampled_from(["Left", "Frontal"]),
    "parts": st.just([{"name": "head", "bbox": [1, 2, 3.5, 4]}]),
}
_WORD = st.text(
    st.characters(categories=["L", "Nd"], include_characters="_- "), min_size=1, max_size=8
).map(lambda text: text.strip() or "x")
_PLAIN = st.one_of(_WORD, st.integers(-5, 5000), st.booleans(), st.floats(-9, 9))
_NESTED = st.one_of(_PLAIN, st.lists(st.integers(0, 9), max_size=3), st.just({"a": [1, None]}))


@st.composite
def label_sets(draw: st.DrawFn, holds: Holds) -> LabelSet:
    """Draw a set that a format with these abilities can hold."""
    categories = draw(_categories(holds))
    names = draw(_names(holds))
    counts = iter(range(1, 10_000))
    num_keypoints = draw(st.integers(1, 4))
    images = []
    for name in names:
        labels = draw(_labels(holds, [c.name for c in categories], num_keypoints))
        if not labels and not holds.negatives:
            continue
        images.append(
            LabeledImage(
                name=name,
                annotations=tuple(labels),
                width=WIDTH,
                height=HEIGHT,
                split=draw(st.sampled_from([None, "train", "val", "test"]))
                if holds.splits
                else None,
                external_id=draw(st.sampled_from([None, str(next(counts)), f"img {name}"]))
                if holds.image_ids
                else None,
                attributes=draw(st.dictionaries(_WORD, _attribute(holds), max_size=2))
                if holds.image_attributes
                else {},
            )
        )
    if not holds.unused_categories:
        used = {label.category for image in images for label in image.annotations}
        categories = [category for category in categories if category.name in used]
    return LabelSet(tuple(categories), lambda: iter(images))


@st.composite
def _categories(draw: st.DrawFn, holds: Holds) -> list[LabelCategory]:
    names = draw(st.lists(_WORD, min_size=1, max_size=3, unique_by=str.lower))
    numbers = draw(st.permutations(range(3, 9)))
    return [
        LabelCategory(
            name,
            external_id=draw(st.sampled_from([None, number])) if holds.category_ids else None,
            supercategory=draw(st.sampled_from([None, "thing"])) if holds.supercategories else None,
            skeleton=draw(st.sampled_from([None, Skeleton(("nose", "ear"), ((0, 1),))]))
            if holds.skeletons
            else None,
        )
        for name, number in zip(names, numbers, strict=False)
    ]


def _names(holds: Holds) -> st.SearchStrategy[list[str]]:
    folder = st.sampled_from(["", "site/", "über site/deep/"]) if holds.folders else st.just("")
    name = st.builds(
        lambda f, stem, suffix: f + stem + suffix, folder, _WORD, st.sampled_from([".jpg", ".PNG"])
    )
    return st.lists(name, max_size=4, unique_by=lambda text: text.rpartition(".")[0].lower())


@st.composite
def _labels(
    draw: st.DrawFn, holds: Holds, categories: list[str], num_keypoints: int
) -> list[AnnotationDraft]:
    kinds = sorted(holds.kinds)
    if "class" in kinds and not holds.classes_beside_shapes:
        classes = draw(st.booleans()) or kinds == ["class"]
        kinds = ["class"] if classes else [kind for kind in kinds if kind != "class"]
    most = 1 if kinds == ["class"] and not holds.several_classes else 4
    wanted = draw(st.lists(st.sampled_from(kinds), max_size=most))
    labels = [draw(_label(holds, kind, categories, num_keypoints)) for kind in wanted]
    seen: set[str] = set()
    kept = []
    for label in labels:  # one class twice on an image says nothing
        if label.kind != "class" or label.category not in seen:
            kept.append(label)
        if label.kind == "class":
            seen.add(label.category)
    if not holds.several_classes:
        first = next((label for label in kept if label.kind == "class"), None)
        kept = [label for label in kept if label.kind != "class" or label is first]
    return kept


@st.composite
def _label(
    draw: st.DrawFn, holds: Holds, kind: AnnotationKind, categories: list[str], num_keypoints: int
) -> AnnotationDraft:
    facts: dict[str, Any] = {"source": "import"}
    if holds.authors and draw(st.booleans()):
        facts |= {"source": draw(st.sampled_from(["human", "model"])), "author": draw(_WORD)}
    if holds.scores:
        facts["score"] = draw(st.one_of(st.none(), st.floats(0, 1)))
    if holds.external_ids:
        numbers = st.integers(0, 10_000).map(str)
        facts["external_id"] = draw(st.one_of(st.none(), numbers, _WORD))
    attributes = draw(_attributes(holds))
    if holds.crowd and kind in ("polygon", "mask", "box") and draw(st.booleans()):
        attributes[CROWD] = 1
    if kind == "keypoints" or (
        holds.keypoints_beside and kind in ("box", "polygon") and draw(st.booleans())
    ):
        facts["keypoints"] = draw(_keypoints(num_keypoints))
    return AnnotationDraft(
        category=draw(st.sampled_from(categories)),
        kind=kind,
        attributes=attributes,
        **draw(_geometry(holds, kind)),
        **facts,
    )


def _attributes(holds: Holds) -> st.SearchStrategy[dict[str, Any]]:
    if holds.attributes is None and not holds.mixed_attributes:
        kinds = {"wet": st.booleans(), "number of teeth": st.integers(0, 99), "Größe": _WORD}
        return st.fixed_dictionaries({}, optional=kinds)
    if holds.attributes is None:
        names = st.sampled_from(["wet", "number of teeth", "Größe"])
        return st.dictionaries(names, _attribute(holds), max_size=2)
    known = {name: _VOC_ATTRIBUTES[name] for name in sorted(holds.attributes)}
    return st.fixed_dictionaries({}, optional=known)


def _attribute(holds: Holds) -> st.SearchStrategy[Any]:
    return _NESTED if holds.nested_attributes else _PLAIN


@st.composite
def _box(draw: st.DrawFn) -> tuple[float, float, float, float]:
    x, y = draw(st.floats(0, WIDTH - 12)), draw(st.floats(0, HEIGHT - 12))
    return (x, y, x + draw(st.floats(1, 11)), y + draw(st.floats(1, 11)))


@st.composite
def _ring(draw: st.DrawFn) -> list[float]:
    x1, y1, x2, y2 = draw(_box())
    extra = draw(st.lists(st.tuples(st.floats(x1, x2), st.floats(y1, y2)), max_size=3))
    return [x1, y1, x2, y1, x2, y2, *(value for point in extra for value in point)]


@st.composite
def _geometry(draw: st.DrawFn, holds: Holds, kind: AnnotationKind) -> dict[str, Any]:
    if kind == "class":
        return {}
    if kind in ("box", "keypoints"):
        return {"bbox": draw(_box())}
    if kind == "polygon":
        most = 3 if holds.multi_part else 1
        return {"segmentation": draw(st.lists(_ring(), min_size=1, max_size=most))}
    if kind == "polyline":
        return {"segmentation": [draw(_ring())]}
    if kind == "rotated_box":
        if holds.skewed_boxes and draw(st.booleans()):
            ring = draw(_ring())[:6]
            return {"segmentation": [[*ring, *draw(_box())[:2]]]}
        return {"segmentation": [rotated_corners(draw(_box()), draw(st.floats(0, 359)))]}
    return draw(_mask())


@st.composite
def _mask(draw: st.DrawFn) -> dict[str, Any]:
    pixels = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for _ in range(draw(st.integers(1, 2))):
        x, y = draw(st.integers(0, WIDTH - 4)), draw(st.integers(0, HEIGHT - 4))
        pixels[y : y + draw(st.integers(1, 9)), x : x + draw(st.integers(1, 9))] = True
    rle = masks.encode(pixels)
    if draw(st.booleans()):
        rle["counts"] = masks.pack(rle["counts"])
    return {"segmentation": rle, "bbox": masks.bounds(rle)}


@st.composite
def _keypoints(draw: st.DrawFn, count: int) -> list[list[float]]:
    points = []
    for _ in range(count):
        seen = draw(st.sampled_from([0, 1, 2]))
        place = [draw(st.floats(0.5, WIDTH)), draw(st.floats(0.5, HEIGHT))] if seen else [0.0, 0.0]
        points.append([*place, seen])
    points[0] = [1.5, 2.25, 2]
    return points


def round_trip(format: AnnotationFormat, labels: LabelSet, folder: Path) -> LabelSet:
    """Write a set with stand-ins for its images and read it again."""
    assert format.write is not None
    target = ExportTarget(folder, lambda image: b"no picture, a name is enough")
    format.write(labels, target, take_survey(labels))
    classes = tuple(category.name for category in labels.categories)
    return format.read(FolderSource(folder), ReadHints(classes))


def contents(labels: LabelSet, like: LabelSet | None = None) -> dict[str, Any]:
    """Return what a set says; ids that ``like`` leaves open are left out."""
    before = {image.name: image for image in like} if like is not None else {}
    images = {}
    for image in labels:
        original = before.get(image.name, image)
        own = image.annotations
        if image.relative:
            own = tuple(scaled(label, WIDTH, HEIGHT) for label in own)  # type: ignore[arg-type]
        shown = [
            _content(label, original.annotations[i] if i < len(original.annotations) else label)
            for i, label in enumerate(own)
        ]
        images[image.name] = {
            "split": image.split,
            "id": image.external_id if original.external_id is not None else None,
            "attributes": dict(image.attributes),
            "labels": shown,
        }
    known = {c.name: c for c in (like or labels).categories}
    categories = {
        c.name: (
            c.external_id if known.get(c.name, c).external_id is not None else None,
            c.supercategory,
            c.skeleton,
        )
        for c in labels.categories
    }
    return {"categories": categories, "images": images}


def _content(label: Label, original: Label) -> dict[str, Any]:
    shape = label.segmentation
    if isinstance(shape, dict):
        shape = {"size": list(shape["size"]), "counts": masks.counts_of(shape)}
    box = label.bbox if label.kind in ("box", "mask", "keypoints") else None
    return {
        "category": label.category,
        "kind": label.kind,
        "bbox": None if box is None else list(box),
        "shape": shape,
        "keypoints": label.keypoints,
        "attributes": dict(label.attributes),
        "score": label.score,
        "maker": (label.source, label.author if label.source != "import" else None),
        "id": label.external_id if original.external_id is not None else None,
    }


def is_same(first: Any, second: Any) -> bool:
    """Compare two contents, numbers up to a millionth."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(
            is_same(value, second[key]) for key, value in first.items()
        )
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(
            is_same(a, b) for a, b in zip(first, second, strict=True)
        )
    if isinstance(first, bool) or isinstance(second, bool):
        return type(first) is type(second) and first == second
    if isinstance(first, int | float) and isinstance(second, int | float):
        return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-6)
    return bool(first == second)
