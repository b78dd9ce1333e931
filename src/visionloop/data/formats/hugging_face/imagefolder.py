"""Image folders with a metadata file beside the images of every split."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import IO, Any, Final

from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.hugging_face.rows import category_names, image_of, row_of
from visionloop.data.formats.labels import split_of
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import LabelSource, ReadHints
from visionloop.data.formats.target import ExportTarget

_NAMES: Final = ("metadata.jsonl", "metadata.csv")


def detect(source: LabelSource) -> str | None:
    """Say where a metadata file with labels lies."""
    found = _files(source)
    return f"{len(found)} metadata files such as {found[0]}" if found else None


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read the metadata files of all folders."""
    files = _files(source)
    findings = Findings()
    names: dict[str, None] = {}
    for path in files:
        for row in _rows(source, path):
            names |= dict.fromkeys(category_names(row))

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in files:
            for row in _rows(source, path):
                name = str(row["file_name"])
                yield image_of(row, name, findings, split=split_of(path), file=path)

    return LabelSet(tuple(map(LabelCategory, names)), stream, findings, set(files))


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write ``SPLIT/metadata.jsonl`` with the images beside it."""
    with ExitStack() as stack:
        files: dict[str | None, IO[str]] = {
            split: stack.enter_context(target.open_text(f"{_folder(split)}metadata.jsonl"))
            for split in survey.splits or {None: 0}
        }
        for image in labels:
            target.add_image(f"{_folder(image.split)}{image.name}", image)
            text = json.dumps(row_of(image), ensure_ascii=False)
            files[image.split].write(f"{text}\n")


def _folder(split: str | None) -> str:
    return f"{split}/" if split else ""


def _files(source: LabelSource) -> list[str]:
    return [
        path
        for path in source.paths
        if PurePosixPath(path).name in _NAMES and b"file_name" in source.read(path)
    ]


def _rows(source: LabelSource, path: str) -> Iterator[dict[str, Any]]:
    text = source.read(path).decode("utf-8-sig", errors="replace")
    if path.endswith(".csv"):
        yield from (row for row in csv.DictReader(io.StringIO(text, newline="")))
        return
    for line in text.split("\n"):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError:
            row = None
        if isinstance(row, dict) and "file_name" in row:
            yield row
