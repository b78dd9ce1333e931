"""The Parquet file behind a dataset version: written once, read in batches, compared by digest."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from visionloop.data.entities import Annotation, AnnotationSet, ImageRecord, ManifestRow, Split
from visionloop.kernel.digests import canonical_json, sha256_file
from visionloop.storage.blobs import BlobStore

FORMAT_VERSION: Final = 1
_BATCH: Final = 500
_JSON_FIELDS: Final = ("segmentation", "attributes", "keypoints")
_ANNOTATION: Final = (
    "STRUCT(id VARCHAR, category VARCHAR, kind VARCHAR, bbox DOUBLE[], segmentation VARCHAR, "
    "attributes VARCHAR, score DOUBLE, source VARCHAR, author VARCHAR, reviewed_by VARCHAR, "
    "keypoints VARCHAR, external_id VARCHAR)"
)
_COLUMNS: Final[Mapping[str, str]] = {
    "image_id": "VARCHAR",
    "uri": "VARCHAR",
    "name": "VARCHAR",
    "width": "INTEGER",
    "height": "INTEGER",
    "format": "VARCHAR",
    "size_bytes": "BIGINT",
    "camera": "VARCHAR",
    "captured_at": "VARCHAR",
    "exif": "VARCHAR",
    "metadata": "VARCHAR",
    "statistics": "DOUBLE[]",
    "dhash": "VARCHAR",
    "group_key": "VARCHAR",
    "origin": "VARCHAR",
    "split": "VARCHAR",
    "label": "VARCHAR",
    "annotation_status": "VARCHAR",
    "annotations": f"{_ANNOTATION}[]",
    "attributes": "VARCHAR",
}
# Where a file lies and how rows are numbered can change without changing what is learned.
_NOT_CONTENT: Final = ("uri", "name", "statistics", "dhash")


@dataclass(frozen=True)
class WrittenManifest:
    """A manifest on disk, the digest of what it says and the sha256 of its bytes."""

    path: Path
    digest: str
    sha256: str
    num_rows: int


def row_of(record: ImageRecord, labels: AnnotationSet) -> ManifestRow:
    """Turn a live image into a row; group and split are settled later."""
    image = record.image
    classes = [item.category for item in labels.annotations if item.kind == "class"]
    return ManifestRow(
        image_id=image.id,
        uri=image.uri,
        name=image.name,
        width=image.width,
        height=image.height,
        format=image.format,
        size_bytes=image.size_bytes,
        exif=image.exif,
        metadata=image.metadata,
        statistics=image.statistics,
        dhash=image.dhash,
        group_key=image.group_key or "",
        origin=image.origin,
        split="train",
        label=classes[0] if len(classes) == 1 else None,
        annotation_status=labels.status,
        annotations=labels.annotations,
        attributes=labels.attributes,
    )


def row_to_line(row: ManifestRow) -> bytes:
    """Write a row as one line of JSON."""
    return json.dumps(_flat(row), ensure_ascii=False, allow_nan=False).encode()


def row_from_line(line: bytes) -> ManifestRow:
    """Read what ``row_to_line`` wrote."""
    return _row(json.loads(line))


def write_manifest(
    rows: Iterable[ManifestRow], folder: Path, *, task: str, classes: Iterable[str]
) -> WrittenManifest:
    """Write rows, in order of image id, as Parquet.

    The digest covers the task, the classes and every row's content, not the file: another
    Parquet writer gives the same digest.
    """
    head = {"format_version": FORMAT_VERSION, "task": task, "classes": list(classes)}
    digest = hashlib.sha256(canonical_json(head))
    lines, target = folder / "rows.ndjson", folder / "manifest.parquet"
    longest, num_rows = 0, 0
    with lines.open("wb") as file:
        for row in rows:
            digest.update(b"\n" + canonical_json(_content(row)))
            line = row_to_line(row)
            file.write(line + b"\n")
            longest, num_rows = max(longest, len(line)), num_rows + 1
    with connect(spill=True) as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_json($lines, format='newline_delimited', "  # noqa: S608
            f"columns={_sql_columns()}, maximum_object_size={max(longest + 1024, 1 << 20)})"
            f") TO '{_quoted(target)}' (FORMAT parquet, COMPRESSION zstd)",
            {"lines": str(lines)},
        )
    lines.unlink()
    return WrittenManifest(target, digest.hexdigest(), sha256_file(target), num_rows)


def content_digest(rows: Iterable[ManifestRow], *, task: str, classes: Iterable[str]) -> str:
    """Return the digest that ``write_manifest`` gives these rows."""
    head = {"format_version": FORMAT_VERSION, "task": task, "classes": list(classes)}
    digest = hashlib.sha256(canonical_json(head))
    for row in rows:
        digest.update(b"\n" + canonical_json(_content(row)))
    return digest.hexdigest()


def read_rows(
    path: Path, *, split: Split | None = None, limit: int | None = None, offset: int = 0
) -> Iterator[ManifestRow]:
    """Yield the rows of a manifest in order of image id, a batch in memory at a time.

    They were written in that order, and one thread reads a file from front to back.
    """
    condition = "" if split is None else "WHERE split = $split"
    window = "" if limit is None else f"LIMIT {int(limit)} OFFSET {int(offset)}"
    parameters = {"path": str(path)} | ({} if split is None else {"split": split})
    with connect() as connection:
        found = connection.execute(
            f"SELECT * FROM read_parquet($path) {condition} {window}",  # noqa: S608
            parameters,
        )
        # Older manifests lack the newest columns.
        names = [column[0] for column in found.description or ()]
        while batch := found.fetchmany(_BATCH):
            yield from (_row(dict(zip(names, values, strict=True))) for values in batch)


def count_rows(path: Path, *, split: Split | None = None) -> int:
    """Count the rows of a manifest or of one split."""
    with connect() as connection:
        found = connection.execute(
            "SELECT count(*) FROM read_parquet($path) WHERE $split IS NULL OR split = $split",
            {"path": str(path), "split": split},
        ).fetchone()
    return int(found[0]) if found else 0


def find_row(path: Path, image_id: str) -> ManifestRow | None:
    """Return the row of one image, or None where the manifest does not hold it."""
    with connect() as connection:
        found = connection.execute(
            "SELECT * FROM read_parquet($path) WHERE image_id = $image_id",
            {"path": str(path), "image_id": image_id},
        )
        names = [column[0] for column in found.description or ()]
        values = found.fetchone()
    return None if values is None else _row(dict(zip(names, values, strict=True)))


@contextmanager
def manifest_file(blobs: BlobStore, digest: str) -> Iterator[Path]:
    """Give the manifest as a local file, fetched where the blob store is remote.

    Raises:
        BlobNotFound: the manifest is gone.
    """
    local = blobs.local_path(digest)
    if local is not None:
        yield local
        return
    with tempfile.TemporaryDirectory(prefix="visionloop-manifest-") as folder:
        path = Path(folder) / "manifest.parquet"
        path.write_bytes(blobs.get(digest))
        yield path


def label_text(row: ManifestRow) -> str:
    """Write the labels of a row so that equal labels give equal text."""
    if row.label is not None and len(row.annotations) == 1:
        return row.label
    shapes = sorted(_shape_text(annotation) for annotation in row.annotations)
    return "; ".join(shapes) or "no objects"


def _shape_text(annotation: Annotation) -> str:
    box = "" if annotation.bbox is None else " " + ",".join(f"{v:g}" for v in annotation.bbox)
    parts = [annotation.segmentation, dict(annotation.attributes)]
    detail = canonical_json(parts + ([annotation.keypoints] if annotation.keypoints else []))
    mark = "" if detail == b"[null,{}]" else f" #{hashlib.sha256(detail).hexdigest()[:8]}"
    return f"{annotation.category}{box}{mark}"


def _content(row: ManifestRow) -> dict[str, Any]:
    """What a version's identity is made of; annotation ids and places are left out.

    What was added to rows later counts only where it is set, so that versions frozen before keep
    their digest.
    """
    values = _plain(row)
    for name in _NOT_CONTENT:
        del values[name]
    if not values["attributes"]:
        del values["attributes"]
    for annotation in values["annotations"]:
        del annotation["id"], annotation["external_id"]
        points = annotation.pop("keypoints")
        if points is not None:
            # Where they once stood when they were the only geometry.
            place = "segmentation" if annotation["kind"] == "keypoints" else "keypoints"
            annotation[place] = points
    values["annotations"].sort(key=canonical_json)
    return values


def _flat(row: ManifestRow) -> dict[str, Any]:
    values = _plain(row)
    for annotation in values["annotations"]:
        for name in _JSON_FIELDS:
            annotation[name] = _json_text(annotation[name])
    taken = row.exif.get("DateTimeOriginal")
    return values | {
        "exif": _json_text(row.exif),
        "metadata": _json_text(row.metadata),
        "attributes": _json_text(row.attributes),
        "camera": row.camera,
        "captured_at": None if taken is None else str(taken),
    }


def _row(values: dict[str, Any]) -> ManifestRow:
    del values["camera"], values["captured_at"]
    annotations = []
    for item in values["annotations"]:
        box = item["bbox"]
        parsed = {name: _parsed(item.get(name)) for name in _JSON_FIELDS}
        if item["kind"] == "keypoints" and parsed["keypoints"] is None:
            parsed |= {"keypoints": parsed["segmentation"], "segmentation": None}
        shape = item | parsed | {"bbox": None if box is None else tuple(box)}
        annotations.append(Annotation(image_id=values["image_id"], **shape))
    measured = values["statistics"]
    return ManifestRow(
        **(
            values
            | {name: _parsed(values[name]) for name in ("exif", "metadata")}
            | {"attributes": _parsed(values.get("attributes")) or {}}
            | {"statistics": None if measured is None else tuple(measured)}
            | {"annotations": tuple(annotations)}
        )
    )


def _plain(row: ManifestRow) -> dict[str, Any]:
    """Turn a row into mappings; ``dataclasses.asdict`` would copy every polygon point by point."""
    shapes = []
    for annotation in row.annotations:
        shape = dict(vars(annotation))
        del shape["image_id"]
        shapes.append(shape)
    return vars(row) | {"annotations": shapes}


def _json_text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


@contextmanager
def connect(*, spill: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a private engine; with ``spill`` it goes to disk instead of growing."""
    settings: dict[str, Any] = {"threads": 1, "memory_limit": "512MB"}
    with ExitStack() as stack:
        if spill:
            made = tempfile.TemporaryDirectory(prefix="visionloop-spill-")
            settings["temp_directory"] = stack.enter_context(made)
        yield stack.enter_context(duckdb.connect(":memory:", config=settings))


def _sql_columns() -> str:
    return "{" + ", ".join(f"{name}: '{kind}'" for name, kind in _COLUMNS.items()) + "}"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
