"""What a format cannot hold, said before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from visionloop.data.formats.entities import CROWD, SHAPES, Holds, Label, LabeledImage, LabelSet
from visionloop.data.formats.shapes import is_skewed

_KIND_WORDS: Mapping[str, str] = {
    "class": "class labels",
    "box": "boxes",
    "rotated_box": "rotated boxes",
    "polygon": "polygons",
    "polyline": "polylines",
    "mask": "masks",
    "keypoints": "keypoint sets",
}


@dataclass(frozen=True)
class Loss:
    """One thing that would be lost.

    Attributes:
        what: stable name, e.g. "attributes".
        count: how many annotations, images or categories it concerns.
        sentence: for people.
    """

    what: str
    count: int
    sentence: str


@dataclass
class Survey:
    """Counts of everything that some format cannot hold, and what writers must know beforehand.

    Attributes:
        attributes: name to number of annotations that carry it; crowd marks are counted apart.
        attribute_types: name to the Python types of its values.
        attribute_users: category to the names of attributes its annotations carry.
        largest_image_id, largest_annotation_id: of the foreign ids that are numbers.
    """

    num_images: int = 0
    num_annotations: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    attribute_types: dict[str, set[str]] = field(default_factory=dict)
    attribute_users: dict[str, set[str]] = field(default_factory=dict)
    splits: Counter[str | None] = field(default_factory=Counter)
    keypoint_counts: Counter[int] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    largest_image_id: int = 0
    largest_annotation_id: int = 0
    _names: set[int] = field(default_factory=set)
    _stems: set[int] = field(default_factory=set)

    def add(self, image: LabeledImage) -> None:
        """Count one image and its annotations."""
        self.num_images += 1
        self.splits[image.split] += 1
        self._add_name(image.name)
        self.facts["negatives"] += not image.annotations
        self.facts["image_attributes"] += bool(image.attributes)
        if image.external_id is not None:
            self.facts["image_ids"] += 1
            self.largest_image_id = max(self.largest_image_id, number_of(image.external_id) or 0)
        num_classes = 0
        for label in image.annotations:
            num_classes += label.kind == "class"
            self._add_label(label)
        self.facts["several_classes"] += num_classes > 1
        self.facts["classes_beside_shapes"] += 0 < num_classes < len(image.annotations)

    @property
    def num_mixed(self) -> int:
        """Number of attributes whose values have several types; whole numbers are numbers."""
        kinds = [{"float" if t == "int" else t for t in ts} for ts in self.attribute_types.values()]
        return sum(len(types) > 1 for types in kinds)

    def _add_name(self, name: str) -> None:
        # Hashes, since the names of a million images would take more room than their shapes.
        base, stem = hash(name.rpartition("/")[2]), hash(name.rpartition(".")[0] or name)
        self.facts["folders"] += base in self._names
        self.facts["stems"] += stem in self._stems
        self._names.add(base)
        self._stems.add(stem)

    def _add_label(self, label: Label) -> None:
        facts = self.facts
        self.num_annotations += 1
        self.kinds[label.kind] += 1
        self.categories[label.category] += 1
        if label.score is not None:
            facts["scores"] += 1
        if label.source != "import":
            facts["authors"] += 1
        if label.external_id is not None:
            facts["external_ids"] += 1
            number = number_of(label.external_id)
            if number is not None and number > self.largest_annotation_id:
                self.largest_annotation_id = number
        if label.kind == "polygon" and label.segmentation and len(label.segmentation) > 1:
            facts["multi_part"] += 1
        elif label.kind == "rotated_box" and is_skewed(label):
            facts["skewed_boxes"] += 1
        if label.keypoints is not None:
            self.keypoint_counts[len(label.keypoints)] += 1
            facts["keypoints_beside"] += label.kind != "keypoints"
        if label.attributes:
            self._add_attributes(label)

    def _add_attributes(self, label: Label) -> None:
        users = self.attribute_users.setdefault(label.category, set())
        nested = False
        for name, value in label.attributes.items():
            if name == CROWD:
                self.facts["crowd"] += 1
                continue
            self.attributes[name] += 1
            self.attribute_types.setdefault(name, set()).add(type(value).__name__)
            users.add(name)
            nested = nested or not isinstance(value, str | int | float | bool)
        self.facts["nested_attributes"] += nested


def take_survey(labels: LabelSet) -> Survey:
    """Count once through a set what its formats may or may not hold."""
    survey = Survey()
    for image in labels:
        survey.add(image)
    return survey


def number_of(external_id: str) -> int | None:
    """Return a foreign id as a number, when writing that number gives the same id again.

    Zero is none: the reference evaluation of COCO takes annotation 0 for "no match".
    """
    if external_id.isascii() and external_id.isdigit() and external_id[0] != "0":
        return int(external_id) if len(external_id) <= 15 else None
    return None


def losses(
    title: str, holds: Holds, labels: LabelSet, survey: Survey | None = None
) -> tuple[Loss, ...]:
    """Say what a format cannot hold of a set.

    Args:
        title: the format's name, for the sentences.
        holds: what it can hold.
        labels: the set that is to be written.
        survey: of the set, where it was taken before.

    Returns:
        Nothing when writing and reading again gives back the same set.
    """
    counts = survey or take_survey(labels)
    found = [
        *_lost_kinds(holds, counts),
        *_lost_facts(holds, counts),
        *_lost_attributes(holds, counts),
        *_lost_categories(holds, labels, counts),
    ]
    return tuple(Loss(what, count, f"{title} {text}.") for what, count, text in found if count)


def _lost_kinds(holds: Holds, survey: Survey) -> Iterator[tuple[str, int, str]]:
    for kind, count in sorted(survey.kinds.items()):
        if kind in holds.kinds:
            continue
        words = _KIND_WORDS.get(kind, kind)
        other: Any = holds.becomes.get(kind)  # type: ignore[call-overload]
        if other is None:
            yield kind, count, f"has no {words}: {_n(count, 'annotation')} would be left out"
        else:
            text = f"has no {words}: {_n(count, 'annotation')} would become {_KIND_WORDS[other]}"
            yield kind, count, text


_FACTS: Mapping[str, tuple[str, str]] = {
    "multi_part": ("polygon", "has no polygons of several parts: {} would be cut into pieces"),
    "keypoints_beside": ("annotation", "has no keypoints beside other shapes: {} would lose them"),
    "skewed_boxes": ("rotated box", "holds right angles only: {} would be straightened"),
    "crowd": ("annotation", "has no crowd mark: {} would lose it"),
    "nested_attributes": ("annotation", "has no nested attribute values: {} would hold text"),
    "mixed_attributes": ("attribute", "gives an attribute one type: values of {} would hold text"),
    "image_attributes": ("image", "has no attributes of images: {} would lose them"),
    "scores": ("annotation", "has no scores: {} would lose theirs"),
    "authors": ("annotation", "does not say who made a label: {} would lose it"),
    "external_ids": ("annotation", "has no annotation ids: {} would lose theirs"),
    "image_ids": ("image", "has no image ids: {} would lose theirs"),
    "negatives": ("image", "knows no image without annotations: {} would be left out"),
    "folders": ("image", "keeps images by file name alone: {} of equal names would be renamed"),
    "stems": ("image", "tells images apart without their ending: {} would be renamed"),
    "several_classes": ("image", "takes one class for an image: {} would keep the first only"),
    "classes_beside_shapes": ("image", "has no class labels beside shapes: {} would lose one"),
}  # fmt: skip


def _lost_facts(holds: Holds, survey: Survey) -> Iterator[tuple[str, int, str]]:
    for fact, (noun, text) in _FACTS.items():
        count = survey.num_mixed if fact == "mixed_attributes" else survey.facts[fact]
        if fact == "multi_part" and "polygon" not in holds.kinds:
            continue  # said already
        if fact == "skewed_boxes" and "rotated_box" not in holds.kinds:
            continue
        if fact in ("several_classes", "classes_beside_shapes") and "class" not in holds.kinds:
            continue
        if fact == "classes_beside_shapes" and not holds.kinds & SHAPES:
            continue
        if not getattr(holds, fact):
            yield fact, count, text.format(_n(count, noun))
    known = sum(count for split, count in survey.splits.items() if split is not None)
    if not holds.splits:
        yield "splits", known, f"has no splits: {_n(known, 'image')} would lose theirs"
    uneven = sum(survey.keypoint_counts.values()) if len(survey.keypoint_counts) > 1 else 0
    if not holds.uneven_keypoints and "keypoints" in holds.kinds:
        text = "wants equally many keypoints everywhere: {} would be padded with unseen ones"
        yield "uneven_keypoints", uneven, text.format(_n(uneven, "keypoint set"))


def _lost_attributes(holds: Holds, survey: Survey) -> Iterator[tuple[str, int, str]]:
    if holds.attributes is None:
        return
    lost = {name: n for name, n in survey.attributes.items() if name not in holds.attributes}
    if not lost:
        return
    names = ", ".join(sorted(lost)[:8]) + (", ..." if len(lost) > 8 else "")
    count = sum(lost.values())
    keeps = f"only {', '.join(sorted(holds.attributes))}" if holds.attributes else "no attributes"
    yield "attributes", count, f"keeps {keeps}: {_n(count, 'value')} of {names} would be lost"


def _lost_categories(
    holds: Holds, labels: LabelSet, survey: Survey
) -> Iterator[tuple[str, int, str]]:
    categories = labels.categories
    numbered = sum(item.external_id is not None for item in categories)
    if not holds.category_ids:
        yield (
            "category_ids",
            numbered,
            (f"numbers its classes itself: {_n(numbered, 'category id')} would be lost"),
        )
    above = sum(item.supercategory is not None for item in categories)
    if not holds.supercategories:
        yield "supercategories", above, f"has no supercategories: {above} would be lost"
    skeletons = sum(item.skeleton is not None for item in categories)
    if not holds.skeletons:
        yield "skeletons", skeletons, f"has no skeletons: {skeletons} would be lost"
    unused = sum(item.name not in survey.categories for item in categories)
    if not holds.unused_categories:
        text = f"lists no classes without annotations: {unused} would be missing"
        yield "unused_categories", unused, text


def _n(count: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("x") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"
