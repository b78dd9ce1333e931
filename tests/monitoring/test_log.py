"""The prediction log never loses and never doubles, wherever it is killed."""

from __future__ import annotations

import multiprocessing
import os
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.monitoring.synthetic import START, World, make_records, write_spool
from visionloop.kernel.clock import utc_now
from visionloop.monitoring import log
from visionloop.monitoring.log import apply_retention, compact_log, log_folder, open_log
from visionloop.storage.home import Home


def records(count: int, first: int = 0) -> list[dict[str, object]]:
    samples, _, _ = World.make().draw(count, 1, np.random.default_rng(first))
    return make_records(samples, first=first)


def logged(home: Home) -> list[str]:
    with open_log(home, "parts") as connection:
        rows = connection.execute("SELECT request_id FROM log ORDER BY request_id").fetchall()
    return [row[0] for row in rows]


@pytest.fixture
def folder(home: Home) -> Path:
    return home.predictions_dir / "parts"


def test_empty_log(home: Home) -> None:
    assert compact_log(home, "parts") == 0
    assert logged(home) == []


def test_closed_files_move_into_parquet(home: Home, folder: Path) -> None:
    write_spool(folder, "1.jsonl", records(3))
    write_spool(folder, "2.jsonl", records(2, first=3))
    assert compact_log(home, "parts") == 5
    assert list((folder / "spool").iterdir()) == []
    assert compact_log(home, "parts") == 0
    assert logged(home) == [f"req-{index:06d}" for index in range(5)]
    with open_log(home, "parts") as connection:
        row = connection.execute("SELECT * FROM log LIMIT 1").fetchone()
        names = [column[0] for column in connection.description or ()]
    values = dict(zip(names, row or (), strict=True))
    assert names == list(log.COLUMNS)
    assert values["time"] == START
    assert len(values["statistics"]) == 14


def test_open_file_is_read_and_stays(home: Home, folder: Path) -> None:
    write_spool(folder, "1.jsonl", records(2))
    write_spool(folder, "2.jsonl.open", records(2, first=2), tail='{"request_id": "half')
    assert len(logged(home)) == 4
    assert (folder / "spool" / "2.jsonl.open").exists()
    (folder / "spool" / "2.jsonl.open").rename(folder / "spool" / "2.jsonl")
    assert len(logged(home)) == 4


def test_damaged_line_costs_itself_only(home: Home, folder: Path) -> None:
    path = write_spool(folder, "1.jsonl", records(2))
    path.write_text(path.read_text() + "not json at all\n" + '{"request_id": null}\n')
    assert compact_log(home, "parts") == 2


CRASH_POINTS = ("write_part", "before_manifest", "after_manifest")


def crash_at(point: str, root: str) -> None:
    """Compact, and die like a killed process at one of the steps."""
    write_part, write_manifest = log._write_part, log._write_manifest

    def dying_part(*values: object) -> object:
        part = write_part(*values)  # type: ignore[arg-type]
        if point == "write_part":
            os._exit(9)
        return part

    def dying_manifest(folder: Path, manifest: log.Manifest) -> None:
        if point == "before_manifest":
            os._exit(9)
        write_manifest(folder, manifest)
        if point == "after_manifest":
            os._exit(9)

    log._write_part, log._write_manifest = dying_part, dying_manifest  # type: ignore[assignment]
    compact_log(Home(Path(root)), "parts")


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_killed_compaction_neither_loses_nor_doubles(home: Home, folder: Path, point: str) -> None:
    write_spool(folder, "1.jsonl", records(3))
    compact_log(home, "parts")
    write_spool(folder, "2.jsonl", records(4, first=3))
    process = multiprocessing.get_context("spawn").Process(
        target=crash_at, args=(point, str(home.root))
    )
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert len(logged(home)) == 7
    write_spool(folder, "3.jsonl", records(1, first=7))
    assert logged(home) == [f"req-{index:06d}" for index in range(8)]
    listed = {part.file for part in log.read_manifest(log_folder(home, "parts")).parts}
    assert {path.name for path in log_folder(home, "parts").glob("part-*")} == listed


def test_small_parts_are_merged(home: Home, folder: Path) -> None:
    for index in range(log.MERGE_FROM_PARTS + 2):
        write_spool(folder, f"{index:03d}.jsonl", records(1, first=index))
        compact_log(home, "parts")
    parts = log.read_manifest(log_folder(home, "parts")).parts
    assert len(parts) < 5
    assert len(logged(home)) == log.MERGE_FROM_PARTS + 2


def test_retention_deletes_old_parts_and_images(home: Home, folder: Path) -> None:
    write_spool(folder, "1.jsonl", records(2))
    compact_log(home, "parts")
    new = records(1, first=5)
    new[0]["time"] = utc_now().isoformat()
    write_spool(folder, "2.jsonl", new)
    compact_log(home, "parts")
    images = folder / "images"
    images.mkdir()
    (images / "old").write_bytes(b"x")
    (images / "new").write_bytes(b"x")
    long_ago = (utc_now() - timedelta(days=50)).timestamp()
    os.utime(images / "old", (long_ago, long_ago))
    days = (utc_now() - START).days - 1
    assert apply_retention(home, "parts", keep_days=min(days, 40) if days > 1 else 1) == 2
    assert logged(home) == ["req-000005"]
    assert [path.name for path in images.iterdir()] == ["new"]
