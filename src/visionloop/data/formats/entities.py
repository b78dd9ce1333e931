"""The one model that every annotation format is read into and written from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from visionloop.data.entities import Annotation, AnnotationDraft, AnnotationKind, Split
from visionloop.data.formats.findings import Findings

Label = AnnotationDraft | Annotation
"""What is written may come from the database or from another file."""

SHAPES: Final[frozenset[AnnotationKind]] = frozenset(
    {"box", "rotated_box", "polygon", "polyline", "mask", "keypoints"}
)
ALL_KINDS: Final[frozenset[AnnotationKind]] = SHAPES.union(get_args(AnnotationKind))
CROWD: Final = "iscrowd"


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Joints of a category in the order of its keypoints, and the bones between them.

    Attributes:
        bones: pairs of positions in ``joints``, counted from 0.
    """

    joints: tuple[str, ...]
    bones: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LabelCategory:
    """A class as an annotation file describes it.

    Attributes:
        external_id: the number that the file gave it.
    """

    name: str
    external_id: int | None = None
    supercategory: str | None = None
    skeleton: Skeleton | None = None


@dataclass(frozen=True, slots=True)
class LabeledImage:
    """An image with its annotations; one without annotations is known to show nothing.

    Shapes that are drawn through points (polygon, polyline, rotated box) need no ``bbox``.

    Attributes:
        name: relative path with ``/``, as the annotation file or the datastore says it.
        width, height: upright pixels, None where the file does not state them.
        digest: sha256 of the image file, where known.
        path: of the image file within the source that was read, where the reader knows it.
        label_file: path of the annotation file, where to look for the image first.
        relative: coordinates are shares of width and height, to be scaled by ``at_size``.
    """

    name: str
    annotations: tuple[Label, ...] = ()
    width: int | None = None
    height: int | None = None
    split: Split | None = None
    external_id: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    digest: str | None = None
    uri: str | None = None
    path: str | None = None
    label_file: str | None = None
    relative: bool = False


@dataclass(frozen=True)
class LabelSet:
    """Images of one annotation set, streamed; it may be streamed again.

    Attributes:
        stream: yields every image anew at each call.
        findings: flaws; complete once the stream has ended.
        used: paths of the annotation files, known once the stream has ended.
    """

    categories: tuple[LabelCategory, ...]
    stream: Callable[[], Iterator[LabeledImage]]
    findings: Findings = field(default_factory=Findings)
    used: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[LabeledImage]:
        return self.stream()


@dataclass(frozen=True, kw_only=True)
class Holds:
    """What a format can say, so that what it cannot say is known before it is written.

    Attributes:
        kinds: geometry that comes back as it was.
        becomes: what is written for another kind of geometry; the rest is left out.
        attributes: names of annotation attributes it keeps; None keeps all.
        nested_attributes: values may be lists and objects.
        mixed_attributes: one attribute may be a text here and a number there.
        several_classes: more than one class label for an image.
        classes_beside_shapes: class labels on images that carry shapes.
        folders: images of equal names in different folders keep their names.
        stems: images whose names differ in their ending alone keep their names.
    """

    kinds: frozenset[AnnotationKind]
    becomes: Mapping[AnnotationKind, AnnotationKind] = field(default_factory=dict)
    multi_part: bool = False
    keypoints_beside: bool = False
    uneven_keypoints: bool = False
    skewed_boxes: bool = False
    crowd: bool = False
    attributes: frozenset[str] | None = frozenset()
    nested_attributes: bool = False
    mixed_attributes: bool = True
    image_attributes: bool = False
    scores: bool = False
    authors: bool = False
    external_ids: bool = False
    image_ids: bool = False
    category_ids: bool = False
    supercategories: bool = False
    skeletons: bool = False
    unused_categories: bool = True
    splits: bool = True
    negatives: bool = True
    several_classes: bool = False
    classes_beside_shapes: bool = False
    folders: bool = True
    stems: bool = True
