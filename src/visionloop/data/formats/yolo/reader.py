"""Read YOLO label files; coordinates stay shares until the image tells its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.images import is_image_name
from visionloop.data.formats.ports import LabelSource, ReadHints
from visionloop.data.formats.yolo.layout import (
    ALL,
    Description,
    find_description,
    label_files,
    listed_splits,
    logical_name,
    split_of_path,
)
from visionloop.data.formats.yolo.rows import row_draft

_SAMPLE = 20_000


@lru_cache(maxsize=2)
def variants(source: LabelSource) -> Mapping[str, str]:
    """Return which of detect, segment, pose and obb the label files may be, and why."""
    described = find_description(source)
    lengths: Counter[int] = Counter()
    files = label_files(source)
    for path in list(files)[:_SAMPLE]:
        for line in _lines(source, path):
            values = _numbers(line)
            if values is None:
                return {}
            lengths[len(values)] += 1
    if not lengths:
        found = bool(files) and bool(described.splits)
        return {"detect": f"{len(files)} empty label files and {described.path}"} if found else {}
    text = f"{len(files)} label files with {_listing(lengths)} numbers behind the class"
    if described.keypoints is not None:
        return {"pose": f"{text} and kpt_shape in {described.path}"}
    shapes = {n for n in lengths if n not in (4, 5)}
    if not shapes:
        return {"detect": text}
    if shapes <= {8}:
        return {"segment": text, "obb": text}
    if len(shapes) == 1 and (min(shapes) - 4) % 3 == 0 and min(shapes) % 2:
        return {"pose": text}
    return {"segment": text} if all(n % 2 == 0 and n >= 6 for n in shapes) else {}


def read_variant(source: LabelSource, hints: ReadHints, kind: str) -> LabelSet:
    """Read a YOLO set of a known variant."""
    described = find_description(source)
    files = label_files(source)
    splits = listed_splits(source, described)
    labeled = {image for image in files.values() if image is not None}
    bare = [path for path in source.paths if is_image_name(path) and path not in labeled]
    names = dict(described.names or {})
    findings = Findings()
    used = set(files) | ({described.path} if described.path else set())
    used |= {path for path in source.paths if path in ("train.txt", "val.txt", "test.txt")}

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        if not names:
            findings.add("No data.yaml names the classes; they are called by their numbers")
        for path, image in files.items():
            drafts = _read_file(source, path, (kind, described, names), findings)
            place = image or path
            own = split_of_path(place)
            yield LabeledImage(
                name=logical_name(place if image else place.removesuffix(".txt")),
                annotations=tuple(drafts),
                split=own if _in_one_folder(place) else splits.get(place) or own,
                path=image,
                label_file=path,
                relative=True,
            )
        for path in bare:
            if splits.get(path) is not None:
                # Ultralytics takes an image without a label file as one that shows nothing.
                split = None if _in_one_folder(path) else splits[path]
                yield LabeledImage(logical_name(path), split=split, path=path)

    return LabelSet(tuple(LabelCategory(name) for name in names.values()), stream, findings, used)


def _read_file(
    source: LabelSource,
    path: str,
    how: tuple[str, Description, Mapping[int, str]],
    findings: Findings,
) -> Iterator[AnnotationDraft]:
    kind, described, names = how
    shapes = set()
    for line in _lines(source, path):
        values = _numbers(line)
        if values is None:
            findings.add("Lines are not numbers and were left out", path)
            continue
        number = int(line.split(maxsplit=1)[0].partition(".")[0])
        if names and number not in names:
            findings.add(f"Class {number} is not in {described.path}; lines were left out", path)
            continue
        category = names.get(number, str(number))
        draft = row_draft(category, values, kind=kind, keypoints=_points(described, values))
        if draft is None:
            text = f"Lines have {len(values)} numbers behind the class, which no {kind} label has"
            findings.add(text, path)
            continue
        shapes.add(draft.kind)
        yield draft
    if {"box", "polygon"} <= shapes:
        findings.add("Boxes and polygons are mixed; each was kept as it is", path)


def _in_one_folder(path: str) -> bool:
    """Tell whether the set has no splits, although its data.yaml has to name some."""
    return path.startswith((f"images/{ALL}/", f"labels/{ALL}/"))


def _points(described: Description, values: list[float]) -> tuple[int, int]:
    return described.keypoints or ((len(values) - 4) // 3, 3)


def _lines(source: LabelSource, path: str) -> list[str]:
    text = source.read(path).decode("utf-8", errors="replace")
    return [line for line in text.splitlines() if line.strip()]


def _numbers(line: str) -> list[float] | None:
    words = line.split()
    try:
        values = [float(word) for word in words[1:]]
        is_class = float(words[0]) >= 0 and float(words[0]).is_integer()
    except (ValueError, OverflowError):
        return None
    return values if is_class and values else None


def _listing(lengths: Counter[int]) -> str:
    return " or ".join(str(length) for length in sorted(lengths)[:6])
