"""What changed on single images between two manifests, label by label and fact by fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

from visionloop.data.entities import Annotation, ManifestRow
from visionloop.data.manifests import connect, row_from_line
from visionloop.kernel.digests import canonical_json

ChangeKind = Literal["added", "removed", "relabeled", "moved", "edited"]
CHANGE_KINDS: Final[tuple[ChangeKind, ...]] = get_args(ChangeKind)

_GEOMETRY: Final = ("category", "kind", "bbox", "segmentation", "keypoints", "attributes")
_AUTHORSHIP: Final = ("score", "source", "author", "reviewed_by")
_FACTS: Final = (
    "width", "height", "format", "size_bytes", "exif", "metadata", "group_key", "origin",
)  # fmt: skip
_BATCH: Final = 200
# Digests are joined before rows are, so memory does not grow with what an image holds.
_FIND: Final = """
WITH old AS (SELECT image_id, sha256(to_json(o)) AS digest FROM read_parquet($old) AS o),
     new AS (SELECT image_id, sha256(to_json(n)) AS digest FROM read_parquet($new) AS n),
     different AS (
         SELECT coalesce(old.image_id, new.image_id) AS image_id
         FROM old FULL OUTER JOIN new ON old.image_id = new.image_id
         WHERE old.digest IS DISTINCT FROM new.digest
     ),
     was AS (SELECT image_id, to_json(o) AS row FROM read_parquet($old) AS o
             SEMI JOIN different USING (image_id)),
     now AS (SELECT image_id, to_json(n) AS row FROM read_parquet($new) AS n
             SEMI JOIN different USING (image_id))
SELECT was.row, now.row FROM was FULL OUTER JOIN now ON was.image_id = now.image_id
ORDER BY coalesce(was.image_id, now.image_id)
"""


@dataclass(frozen=True)
class RowPair:
    """One image in two versions; None where a version lacks it."""

    before: ManifestRow | None
    after: ManifestRow | None

    @property
    def image_id(self) -> str:
        """The image, the same on both sides."""
        return self._any().image_id

    @property
    def name(self) -> str:
        """The newest name of the file."""
        return self._any().name

    def _any(self) -> ManifestRow:
        row = self.after or self.before
        assert row is not None
        return row


@dataclass(frozen=True)
class RowChange:
    """One image that two versions hold differently."""

    image_id: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionDiff:
    """What changed between two dataset versions; the lists are cut, the counts are exact.

    Attributes:
        edited: images whose metadata, group or review changed.
        splits_before, splits_after: split to number of images.
        class_counts_before, class_counts_after: split to class to number of images that show it.
    """

    base: str
    other: str
    num_added: int
    num_removed: int
    num_relabeled: int
    num_moved: int
    num_edited: int
    num_unchanged: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    relabeled: tuple[RowChange, ...]
    moved: tuple[RowChange, ...]
    edited: tuple[RowChange, ...]
    classes_added: tuple[str, ...]
    classes_removed: tuple[str, ...]
    splits_before: Mapping[str, int]
    splits_after: Mapping[str, int]
    class_counts_before: Mapping[str, Mapping[str, int]]
    class_counts_after: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class ImageChange:
    """Everything that two versions hold differently about one image.

    Attributes:
        labels_changed: (before, after) of labels that kept their id.
        fields: name of a fact to its value (before, after); attributes of the image, metadata,
            group key, authorship and review of labels.
    """

    image_id: str
    name: str
    kinds: tuple[ChangeKind, ...]
    before: ManifestRow | None
    after: ManifestRow | None
    labels_added: tuple[Annotation, ...] = ()
    labels_removed: tuple[Annotation, ...] = ()
    labels_changed: tuple[tuple[Annotation, Annotation], ...] = ()
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


def find_different_rows(old: Path, new: Path) -> Iterator[RowPair]:
    """Yield, in order of image id, the rows of two manifests that are not equal in every column."""
    with connect(spill=True) as connection:
        found = connection.execute(_FIND, {"old": str(old), "new": str(new)})
        while batch := found.fetchmany(_BATCH):
            for was, now in batch:
                yield RowPair(_parse(was), _parse(now))


def classify(pair: RowPair) -> tuple[ChangeKind, ...]:
    """Tell in which ways a row changed; nothing when only places and ids did."""
    before, after = pair.before, pair.after
    if before is None:
        return ("added",)
    if after is None:
        return ("removed",)
    kinds: list[ChangeKind] = []
    if _labels_of(before) != _labels_of(after) or before.attributes != after.attributes:
        kinds.append("relabeled")
    if before.split != after.split:
        kinds.append("moved")
    # Other labels bring another author and another state of review; that is no news.
    reviewed = "relabeled" not in kinds and _review(before) != _review(after)
    if reviewed or _changed_facts(before, after):
        kinds.append("edited")
    return tuple(kinds)


def describe_change(pair: RowPair, kinds: Sequence[ChangeKind]) -> ImageChange:
    """Tell what exactly was before and is after."""
    before = () if pair.before is None else pair.before.annotations
    after = () if pair.after is None else pair.after.annotations
    gone, came, changed = match_labels(before, after)
    return ImageChange(
        image_id=pair.image_id,
        name=pair.name,
        kinds=tuple(kinds),
        before=pair.before,
        after=pair.after,
        labels_added=came,
        labels_removed=gone,
        labels_changed=changed,
        fields={} if pair.before is None or pair.after is None else _fields(pair),
    )


def match_labels(
    before: Sequence[Annotation], after: Sequence[Annotation]
) -> tuple[
    tuple[Annotation, ...], tuple[Annotation, ...], tuple[tuple[Annotation, Annotation], ...]
]:
    """Pair the labels of an image: equal ones first, then those that kept their id.

    Returns:
        Labels that are gone, labels that came, and (before, after) of labels that changed.
    """
    left: dict[bytes, list[Annotation]] = {}
    for item in before:
        left.setdefault(_label_key(item), []).append(item)
    came = []
    for item in after:
        equal = left.get(_label_key(item))
        if equal:
            equal.pop()
        else:
            came.append(item)
    remaining = {item.id: item for items in left.values() for item in items}
    changed = tuple((remaining.pop(i.id), i) for i in came if i.id in remaining)
    kept = {now.id for _, now in changed}
    return tuple(remaining.values()), tuple(i for i in came if i.id not in kept), changed


def _parse(text: str | None) -> ManifestRow | None:
    return None if text is None else row_from_line(text.encode())


def _label_key(annotation: Annotation) -> bytes:
    return canonical_json([_plain(getattr(annotation, name)) for name in _GEOMETRY])


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _labels_of(row: ManifestRow) -> list[bytes]:
    return sorted(_label_key(item) for item in row.annotations)


def _review(row: ManifestRow) -> tuple[str, list[bytes]]:
    """Who made and reviewed labels that are otherwise equal."""
    return row.annotation_status, sorted(
        _label_key(item) + canonical_json([getattr(item, name) for name in _AUTHORSHIP])
        for item in row.annotations
    )


def _changed_facts(before: ManifestRow, after: ManifestRow) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in _FACTS}
    return {name: (was, now) for name, (was, now) in pairs.items() if was != now}


def _fields(pair: RowPair) -> dict[str, tuple[Any, Any]]:
    before, after = pair.before, pair.after
    assert before is not None
    assert after is not None
    found = _changed_facts(before, after)
    if before.annotation_status != after.annotation_status:
        found["annotation_status"] = (before.annotation_status, after.annotation_status)
    if before.attributes != after.attributes:
        found["attributes"] = (dict(before.attributes), dict(after.attributes))
    for name in _AUTHORSHIP:
        values = [
            sorted({str(getattr(item, name)) for item in row.annotations if getattr(item, name)})
            for row in (before, after)
        ]
        if values[0] != values[1]:
            found[name] = (values[0], values[1])
    return found
