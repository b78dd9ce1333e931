"""The prediction log at rest: the spool of the serving process, compacted into Parquet.

The manifest alone says what belongs to the log. Compaction writes a part, renames it into
place, then replaces the manifest, and only then deletes what it consumed; a crash between
any two of these steps leaves a part or a spool file that the next run recognises as
unfinished or as already taken. So no record is lost and none is counted twice.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb

from visionloop.kernel.clock import utc_now
from visionloop.kernel.digests import write_atomically
from visionloop.serving.files import prediction_folder
from visionloop.serving.spool import SPOOL_FOLDER, closed_spool_files
from visionloop.storage.home import Home

COLUMNS: Final = {
    "request_id": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "endpoint": "VARCHAR",
    "deployment": "VARCHAR",
    "model_digest": "VARCHAR",
    "image_id": "VARCHAR",
    "label": "VARCHAR",
    "score": "FLOAT",
    "probabilities": "FLOAT[]",
    "embedding": "FLOAT[]",
    "statistics": "FLOAT[]",
    "dhash": "VARCHAR",
    "width": "INTEGER",
    "height": "INTEGER",
    "decode_ms": "FLOAT",
    "inference_ms": "FLOAT",
    "total_ms": "FLOAT",
    "image_stored": "BOOLEAN",
    "metadata": "JSON",
    "objects": "JSON",
}
IMAGES_FOLDER: Final = "images"
MERGE_FROM_PARTS: Final = 16
SMALL_PART_RECORDS: Final = 50_000
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Part:
    """One Parquet file of the log; times are ISO 8601 in UTC."""

    file: str
    num_records: int
    first_at: str
    last_at: str


@dataclass(frozen=True)
class Manifest:
    """What belongs to the log.

    Attributes:
        sequence: number of the last part ever written.
        consumed: spool files that are in a part already, and may still lie around.
    """

    sequence: int = 0
    parts: tuple[Part, ...] = ()
    consumed: tuple[str, ...] = ()


def compact_log(home: Home, endpoint: str) -> int:
    """Move every closed spool file into the Parquet log.

    Args:
        home: where predictions are kept.
        endpoint: name of the endpoint.

    Returns:
        Number of records added.
    """
    spool = prediction_folder(home, endpoint) / SPOOL_FOLDER
    if not spool.is_dir():
        return 0
    with _locked(home, endpoint, fcntl.LOCK_EX) as folder:
        manifest = _clean_up(folder, spool, read_manifest(folder))
        files = closed_spool_files(spool)
        if not files:
            return 0
        part = _write_part(folder, manifest.sequence + 1, _json_source(files))
        grown = Manifest(
            sequence=manifest.sequence + 1,
            parts=(*manifest.parts, *([part] if part.num_records else [])),
            consumed=tuple(path.name for path in files),
        )
        _write_manifest(folder, grown)
        _merge_small_parts(folder, _clean_up(folder, spool, grown))
        return part.num_records


def apply_retention(home: Home, endpoint: str, *, keep_days: int) -> int:
    """Delete parts whose newest record is too old, and stored images as old.

    Returns:
        Number of records deleted.
    """
    limit = utc_now() - timedelta(days=keep_days)
    root = prediction_folder(home, endpoint)
    if not root.is_dir():
        return 0
    with _locked(home, endpoint, fcntl.LOCK_EX) as folder:
        manifest = read_manifest(folder)
        kept = tuple(p for p in manifest.parts if datetime.fromisoformat(p.last_at) >= limit)
        if kept != manifest.parts:
            changed = Manifest(manifest.sequence, kept, manifest.consumed)
            _write_manifest(folder, changed)
            _clean_up(folder, root / SPOOL_FOLDER, changed)
    images = root / IMAGES_FOLDER
    for entry in os.scandir(images) if images.is_dir() else ():
        if entry.stat().st_mtime < limit.timestamp():
            Path(entry.path).unlink(missing_ok=True)
    gone = set(manifest.parts) - set(kept)
    return sum(part.num_records for part in gone)


@contextmanager
def open_log(home: Home, endpoint: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the whole log as the view ``log``; compaction waits until it is closed.

    Records that the serving process has written but not closed yet are in it as well.
    """
    compact_log(home, endpoint)
    with (
        _locked(home, endpoint, fcntl.LOCK_SH) as folder,
        tempfile.TemporaryDirectory(prefix="visionloop-log-") as scratch,
        duckdb.connect(config={"threads": 1}) as connection,
    ):
        manifest = read_manifest(folder)
        parts = [str(folder / part.file) for part in manifest.parts]
        fresh = _copy_fresh(folder.parent / SPOOL_FOLDER, Path(scratch), manifest)
        sources = [_empty_source()]
        sources += (
            [f"FROM read_parquet({_quoted_list(parts)}, union_by_name=true)"] if parts else []
        )
        sources += [f"FROM {_json_source(fresh)}"] if fresh else []
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE VIEW log AS {' UNION ALL BY NAME '.join(sources)}")
        yield connection


def read_manifest(folder: Path) -> Manifest:
    """Return what belongs to the log in a folder; an absent manifest is an empty log."""
    try:
        content = json.loads((folder / _MANIFEST).read_bytes())
    except FileNotFoundError:
        return Manifest()
    return Manifest(
        sequence=content["sequence"],
        parts=tuple(Part(**part) for part in content["parts"]),
        consumed=tuple(content["consumed"]),
    )


def log_folder(home: Home, endpoint: str) -> Path:
    """Return the folder of the compacted log."""
    return prediction_folder(home, endpoint) / "log"


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    write_atomically(folder / _MANIFEST, json.dumps(asdict(manifest)).encode())


def _clean_up(folder: Path, spool: Path, manifest: Manifest) -> Manifest:
    """Finish what a crash interrupted: delete consumed spool files and unlisted parts."""
    for name in manifest.consumed:
        (spool / name).unlink(missing_ok=True)
    listed = {part.file for part in manifest.parts}
    for path in [*folder.glob("part-*.parquet"), *folder.glob("*.writing")]:
        if path.name not in listed:
            path.unlink(missing_ok=True)
    return manifest


def _merge_small_parts(folder: Path, manifest: Manifest) -> None:
    small = [part for part in manifest.parts if part.num_records < SMALL_PART_RECORDS]
    if len(small) < MERGE_FROM_PARTS:
        return
    files = [str(folder / part.file) for part in small]
    source = f"read_parquet({_quoted_list(files)}, union_by_name=true)"
    merged = _write_part(folder, manifest.sequence + 1, source)
    others = tuple(part for part in manifest.parts if part not in small)
    parts = tuple(sorted((*others, merged), key=lambda part: part.first_at))
    changed = Manifest(manifest.sequence + 1, parts, manifest.consumed)
    _write_manifest(folder, changed)
    _clean_up(folder, folder.parent / SPOOL_FOLDER, changed)


def _write_part(folder: Path, sequence: int, source: str) -> Part:
    path = folder / f"part-{sequence:08d}.parquet"
    temporary = path.with_suffix(".writing")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"COPY (FROM {source} ORDER BY time, request_id) "
            f"TO {_quoted(str(temporary))} (FORMAT parquet, COMPRESSION zstd)"
        )
        row = connection.execute(
            "SELECT count(*), min(time), max(time) FROM read_parquet(?)", [str(temporary)]
        ).fetchone()
    assert row is not None
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    return Part(path.name, row[0], _iso(row[1]), _iso(row[2]))


def _json_source(files: Sequence[Path]) -> str:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    names = _quoted_list([str(path) for path in files])
    # A damaged line costs itself only; a record without id or time is no record.
    return (
        f"(FROM read_json({names}, format='newline_delimited', "
        f"columns={{{columns}}}, ignore_errors=true, maximum_object_size=16777216) "
        "WHERE request_id IS NOT NULL AND time IS NOT NULL)"
    )


def _empty_source() -> str:
    columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
    return f"SELECT {columns} WHERE false"


def _copy_fresh(spool: Path, scratch: Path, manifest: Manifest) -> list[Path]:
    """Copy the whole lines of spool files that no part holds yet.

    Copied, because the serving process may rename its open file at any moment.
    """
    copies = []
    for path in sorted(spool.glob("*.jsonl*")) if spool.is_dir() else ():
        closed = path.name.removesuffix(".open")
        copy = scratch / closed
        if closed in manifest.consumed or copy.exists():
            continue
        for name in (path.name, closed):
            try:
                data = (spool / name).read_bytes()
            except FileNotFoundError:
                continue
            copy.write_bytes(data[: data.rfind(b"\n") + 1])
            copies.append(copy)
            break
    return [copy for copy in copies if copy.stat().st_size]


@contextmanager
def _locked(home: Home, endpoint: str, mode: int) -> Iterator[Path]:
    folder = log_folder(home, endpoint)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, mode)
        yield folder


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted_list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(text) for text in texts) + "]"


def _iso(moment: Any) -> str:
    return moment.isoformat() if moment is not None else ""
