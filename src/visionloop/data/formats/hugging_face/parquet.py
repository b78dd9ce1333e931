"""Parquet files with images, sizes and labels, readable by the hub's library and by ours."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import duckdb

from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet, Skeleton
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.hugging_face.rows import category_names, image_of, row_of
from visionloop.data.formats.labels import split_of_name
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import LabelSource, ReadHints
from visionloop.data.formats.target import ExportTarget

_UNSPLIT: Final = "all"
_BATCH: Final = 200
_KEY: Final = "visionloop"
_OBJECTS: Final[Mapping[str, str]] = {
    "category": "VARCHAR", "kind": "VARCHAR", "bbox": "DOUBLE[]", "segmentation": "VARCHAR",
    "keypoints": "VARCHAR", "attributes": "VARCHAR", "score": "DOUBLE", "source": "VARCHAR",
    "author": "VARCHAR", "id": "VARCHAR",
}  # fmt: skip
_COLUMNS: Final[Mapping[str, str]] = {
    "file_name": "VARCHAR",
    "data": "VARCHAR",
    "width": "INTEGER",
    "height": "INTEGER",
    "image_id": "VARCHAR",
    "label": "VARCHAR",
    "objects": "STRUCT(" + ", ".join(f'"{n}" {kind}[]' for n, kind in _OBJECTS.items()) + ")",
    "attributes": "VARCHAR",
}


def detect(source: LabelSource) -> str | None:
    """Say which Parquet files hold images."""
    found = _files(source)
    return f"{len(found)} Parquet files such as {found[0]}" if found else None


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read all Parquet files of a source, some rows at a time."""
    files = _files(source)
    findings = Findings()
    categories: dict[str, LabelCategory] = {}
    for path in files:
        for category in _described(source, path):
            categories.setdefault(category.name, category)
        if not categories:
            for row in _rows(source, path):
                for name in category_names(row):
                    categories.setdefault(name, LabelCategory(name))

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in files:
            for number, row in enumerate(_rows(source, path)):
                name = row.get("file_name") or f"{path}/{number}"
                split = split_of_name(path)
                yield image_of(row, str(name), findings, split=split, file=path)

    return LabelSet(tuple(categories.values()), stream, findings, set(files))


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write ``data/SPLIT-00000-of-00001.parquet`` with the images inside, where wanted."""
    with tempfile.TemporaryDirectory(dir=target.folder, prefix=".rows-") as folder:
        longest = 0
        with ExitStack() as stack:
            files: dict[str | None, IO[str]] = {
                split: stack.enter_context(_spool(folder, split).open("w", encoding="utf-8"))
                for split in survey.splits or {None: 0}
            }
            for image in labels:
                data = target.image_bytes(image)
                text = None if data is None else base64.b64encode(data).decode()
                line = json.dumps(row_of(image) | {"data": text}, ensure_ascii=False)
                longest = max(longest, len(line.encode()))
                files[image.split].write(f"{line}\n")
        for split in survey.splits or {None: 0}:
            name = split or _UNSPLIT
            path = target.place(f"data/{name}-00000-of-00001.parquet")
            _copy(_spool(folder, split), path, labels.categories, longest)


def _spool(folder: str, split: str | None) -> Path:
    return Path(folder) / f"{split or _UNSPLIT}.ndjson"


def _copy(lines: Path, path: Path, categories: tuple[LabelCategory, ...], longest: int) -> None:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in _COLUMNS.items())
    facts = {
        "huggingface": json.dumps({"info": {"features": _features()}}),
        _KEY: json.dumps([_category(item) for item in categories], ensure_ascii=False),
    }
    described = ", ".join(f"{key}: '{_quoted(text)}'" for key, text in facts.items())
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "512MB"}) as connection:
        connection.execute(
            "COPY (SELECT struct_pack(bytes := from_base64(data), path := file_name) AS image, "  # noqa: S608
            f"* EXCLUDE (data, file_name) FROM read_json('{_quoted(str(lines))}', "
            f"format='newline_delimited', columns={{{columns}}}, "
            f"maximum_object_size={max(longest + 1024, 1 << 20)})) "
            f"TO '{_quoted(str(path))}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048, "
            f"KV_METADATA {{{described}}})"
        )


def _features() -> dict[str, Any]:
    """Describe the columns in the words of the hub's library."""
    text = {"dtype": "string", "_type": "Value"}
    number = {"dtype": "float64", "_type": "Value"}
    whole = {"dtype": "int32", "_type": "Value"}

    def many(feature: dict[str, Any]) -> dict[str, Any]:
        return {"feature": feature, "_type": "Sequence"}

    objects = {name: many(text) for name in _OBJECTS}
    objects |= {"bbox": many(many(number)), "score": many(number)}
    return {
        "image": {"_type": "Image"},
        "width": whole,
        "height": whole,
        "image_id": text,
        "label": text,
        "objects": objects,
        "attributes": text,
    }


def _category(category: LabelCategory) -> dict[str, Any]:
    skeleton = category.skeleton
    return {
        "name": category.name,
        "id": category.external_id,
        "supercategory": category.supercategory,
        "joints": None if skeleton is None else skeleton.joints,
        "bones": None if skeleton is None else skeleton.bones,
    }


def _described(source: LabelSource, path: str) -> list[LabelCategory]:
    with _local(source, path) as local, duckdb.connect(":memory:") as connection:
        found = connection.execute(
            "SELECT decode(value) FROM parquet_kv_metadata($path) WHERE decode(key) = $key",
            {"path": str(local), "key": _KEY},
        ).fetchone()
    entries = json.loads(found[0]) if found else []
    return [
        LabelCategory(
            entry["name"],
            entry["id"],
            entry["supercategory"],
            None
            if entry["joints"] is None
            else Skeleton(tuple(entry["joints"]), tuple((a, b) for a, b in entry["bones"])),
        )
        for entry in entries
    ]


def _rows(source: LabelSource, path: str) -> Iterator[dict[str, Any]]:
    with _local(source, path) as local, duckdb.connect(":memory:") as connection:
        table = "read_parquet($path)"
        columns = connection.execute(f"DESCRIBE SELECT * FROM {table}", {"path": str(local)})  # noqa: S608
        kinds = {row[0]: row[1] for row in columns.fetchall()}
        chosen = [f'"{name}"' for name in kinds if name != "image"]
        if kinds["image"].startswith("STRUCT"):
            chosen.append("image.path AS file_name")  # the bytes are not needed for labels
        found = connection.execute(
            f"SELECT {', '.join(chosen)} FROM {table}",  # noqa: S608
            {"path": str(local)},
        )
        names = [column[0] for column in found.description or ()]
        while batch := found.fetchmany(_BATCH):
            yield from (dict(zip(names, values, strict=True)) for values in batch)


def _files(source: LabelSource) -> list[str]:
    return [
        path
        for path in source.paths
        if path.lower().endswith(".parquet") and _has_image(source, path)
    ]


def _has_image(source: LabelSource, path: str) -> bool:
    with _local(source, path) as local, duckdb.connect(":memory:") as connection:
        try:
            found = connection.execute(
                "SELECT count(*) FROM parquet_schema($path) WHERE name = 'image'",
                {"path": str(local)},
            ).fetchone()
        except duckdb.Error:
            return False
    return bool(found and found[0])


class _local:  # noqa: N801  a context that reads like a function
    """Gives a file of a source as a file on this machine."""

    def __init__(self, source: LabelSource, path: str) -> None:
        self._source, self._path = source, path
        self._copy: Any = None

    def __enter__(self) -> Path:
        local = self._source.local_path(self._path)
        if local is not None:
            return local
        self._copy = tempfile.NamedTemporaryFile(suffix=".parquet")
        self._copy.write(self._source.read(self._path))
        self._copy.flush()
        return Path(self._copy.name)

    def __exit__(self, *_: object) -> None:
        if self._copy is not None:
            self._copy.close()


def _quoted(text: str) -> str:
    return text.replace("'", "''")
