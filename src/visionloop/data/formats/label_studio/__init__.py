"""Label Studio: tasks with annotations of people and predictions of models in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import quoteattr

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.coco.writer import Numbers
from visionloop.data.formats.entities import (
    ALL_KINDS,
    Holds,
    LabelCategory,
    LabeledImage,
    LabelSet,
)
from visionloop.data.formats.errors import ExportInvalid
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.json_text import walk
from visionloop.data.formats.label_studio.regions import Result, region_draft, region_of
from visionloop.data.formats.labels import split_named, split_of_name
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.target import ExportTarget

_LOCAL: Final = "/data/local-files/?d="
_UPLOAD: Final = re.compile(r"^[0-9a-f]{8}-")
_CONFIG: Final = (
    ("RectangleLabels", "rectangle"), ("PolygonLabels", "polygon"), ("BrushLabels", "brush"),
    ("KeyPointLabels", "keypoint"), ("EllipseLabels", "ellipse"),
)  # fmt: skip


def detect(source: LabelSource) -> str | None:
    """Say which files hold tasks."""
    found = _files(source)
    return f"{len(found)} JSON files such as {found[0]}" if found else None


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read tasks; people's annotations where there are any, else predictions."""
    files = _files(source)
    findings = Findings()
    names: dict[str, None] = {}
    for path in files:
        for task in _tasks(source, path):
            for result in _results(task):
                value = result.get("value") or {}
                names |= dict.fromkeys(map(str, value.get(result.get("type"), ())[:1]))
    order = _config_names(source) or names

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in files:
            try:
                for task in _tasks(source, path):
                    yield _image(task, path, findings)
            except ValueError as error:
                findings.add(f"Not a readable file of tasks ({error})", path)

    used = {*files, *(path for path in source.paths if path.endswith("label_config.xml"))}
    return LabelSet(tuple(map(LabelCategory, order)), stream, findings, used)


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write ``tasks.json``, the labeling interface and, where wanted, ``images/``."""
    numbers = Numbers(survey.largest_image_id)
    with target.open_text("tasks.json") as file:
        file.write("[")
        for i, image in enumerate(labels):
            target.add_image(f"images/{image.name}", image)
            task = _task(image, numbers.take(image.external_id), target.image_root)
            file.write((",\n" if i else "\n") + json.dumps(task, ensure_ascii=False))
        file.write("\n]\n")
    with target.open_text("label_config.xml") as file:
        file.write(_config([category.name for category in labels.categories]))


def _files(source: LabelSource) -> list[str]:
    return [
        path
        for path in source.paths
        if path.lower().endswith(".json") and _looks_right(source.read(path))
    ]


def _looks_right(data: bytes) -> bool:
    told = b'"result"' in data or b'"annotations"' in data or b'"predictions"' in data
    return data.lstrip()[:1] == b"[" and b'"data"' in data and told


def _tasks(source: LabelSource, path: str) -> Iterator[Mapping[str, Any]]:
    for piece in walk(source.read(path).decode("utf-8", errors="replace")):
        if isinstance(piece.value, dict) and isinstance(piece.value.get("data"), dict):
            yield piece.value


def _results(task: Mapping[str, Any]) -> list[Result]:
    """Return the regions of a task, of people before those of models."""
    for key in ("annotations", "predictions"):
        found = [r for item in task.get(key) or () for r in item.get("result") or ()]
        if found:
            return found
    return []


def _image(task: Mapping[str, Any], path: str, findings: Findings) -> LabeledImage:
    data = task["data"]
    name = _image_name(data)
    done = [item for item in task.get("annotations") or () if not item.get("was_cancelled")]
    guesses = task.get("predictions") or ()
    if len(done) > 1:
        findings.add("Several people annotated an image; the newest annotation was taken", name)
        done = sorted(done, key=lambda item: str(item.get("updated_at", "")))[-1:]
    if done and guesses:
        findings.add("Predictions beside annotations of people were left out", name)
    drafts: list[AnnotationDraft] = []
    size = (data.get("width"), data.get("height"))
    for item in done or guesses:
        results = item.get("result") or []
        for draft in _drafts(results, findings, name):
            model = None if done else str(item.get("model_version") or "predictions")
            drafts.append(draft if model is None else _as_prediction(draft, model, item))
        for result in results:
            if result.get("original_width"):
                size = (result["original_width"], result["original_height"])
    number = data.get("external_id", task.get("id"))
    return LabeledImage(
        name=name,
        annotations=tuple(drafts),
        width=size[0],
        height=size[1],
        split=split_named(data.get("split")) or split_of_name(path),
        external_id=None if number is None else str(number),
        attributes=data.get("attributes") or {},
        label_file=path,
    )


def _drafts(results: list[Result], findings: Findings, name: str) -> Iterator[AnnotationDraft]:
    own = {result.get("id") for result in results}
    parts: dict[Any, list[Result]] = {}
    for result in results:
        if result.get("parentID") in own:
            parts.setdefault(result["parentID"], []).append(result)
    for result in results:
        if result.get("parentID") in own:
            continue
        try:
            draft = region_draft(result, parts.get(result.get("id"), ()))
        except (ValueError, KeyError, TypeError):
            draft = None
        if draft is None:
            findings.add(f"Regions of type {result.get('type')} were left out", name)
        else:
            yield draft


def _as_prediction(draft: AnnotationDraft, model: str, item: Mapping[str, Any]) -> AnnotationDraft:
    score = item.get("score") if draft.score is None else draft.score
    author = draft.author or model
    return AnnotationDraft(**{**vars(draft), "source": "model", "author": author, "score": score})


def _image_name(data: Mapping[str, Any]) -> str:
    """Return the name behind the field ``image``, else behind the first address."""
    texts = [value for value in data.values() if isinstance(value, str)]
    address = str(data.get("image") or next((t for t in texts if "/" in t or "." in t), ""))
    parts = urlsplit(address)
    local = parse_qs(parts.query).get("d")
    name = local[0] if local else unquote(parts.path) if parts.scheme else unquote(address)
    if "/data/upload/" in name:
        last = PurePosixPath(name).name
        return _UPLOAD.sub("", last)
    return name.removeprefix("images/").lstrip("/")


def _task(image: LabeledImage, number: int, root: str) -> dict[str, Any]:
    if image.annotations and not (image.width and image.height):
        raise ExportInvalid(f"the size of {image.name} is not known, and regions are percentages")
    size = (image.width or 0, image.height or 0)
    place = quote(f"images/{image.name}")
    data: dict[str, Any] = {"image": f"{root}{place}" if root else f"{_LOCAL}{place}"}
    for key, value in (("width", image.width), ("height", image.height), ("split", image.split)):
        if value:
            data[key] = value
    if image.attributes:
        data["attributes"] = dict(image.attributes)
    if image.external_id is not None and image.external_id != str(number):
        data["external_id"] = image.external_id
    results: list[Result] = []
    taken: set[str] = set()
    for i, label in enumerate(image.annotations):
        key = _region_id(label.external_id, i, taken)
        taken.add(key)
        results += region_of(label, key, size)
    predicted = bool(results) and all(label.source == "model" for label in image.annotations)
    work: dict[str, Any] = {"result": results}
    if predicted:
        return {
            "id": number,
            "data": data,
            "predictions": [work | {"model_version": _model(image)}],
        }
    return {"id": number, "data": data, "annotations": [work]}


def _region_id(external_id: str | None, position: int, taken: set[str]) -> str:
    """Return the id of a region: its own where it can be one, since a colon marks its parts."""
    if external_id and external_id not in taken and ":" not in external_id:
        return external_id
    return f"region:{position}"


def _model(image: LabeledImage) -> str:
    return next((label.author for label in image.annotations if label.author), "model")


def _config(names: list[str]) -> str:
    """Write the labeling interface that fits the tasks."""
    lines = ["<View>", '  <Image name="image" value="$image"/>']
    for tag, name in _CONFIG:
        lines.append(f'  <{tag} name="{name}" toName="image">')
        lines += [f"    <Label value={quoteattr(value)}/>" for value in names]
        lines.append(f"  </{tag}>")
    lines.append('  <Choices name="class" toName="image" choice="multiple">')
    lines += [f"    <Choice value={quoteattr(value)}/>" for value in names]
    return "\n".join([*lines, "  </Choices>", "</View>", ""])


def _config_names(source: LabelSource) -> dict[str, None]:
    from visionloop.data.formats.xml_text import parse_xml

    for path in source.paths:
        if path.endswith("label_config.xml"):
            root = parse_xml(source.read(path))
            labels = [] if root is None else [*root.iter("Label"), *root.iter("Choice")]
            return dict.fromkeys(item.get("value", "") for item in labels)
    return {}


FORMAT: Final = AnnotationFormat(
    name="label_studio",
    title="Label Studio",
    holds=Holds(
        kinds=ALL_KINDS,
        multi_part=True,
        keypoints_beside=True,
        uneven_keypoints=True,
        crowd=True,
        attributes=None,
        nested_attributes=True,
        image_attributes=True,
        scores=True,
        authors=True,
        external_ids=True,
        image_ids=True,
        several_classes=True,
        classes_beside_shapes=True,
    ),
    detect=detect,
    read=read,
    write=write,
)
