"""Fill the tables of a project with invented images, in bulk."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from visionloop.data.statistics import STATISTIC_NAMES
from visionloop.data.store.fact_tables import (
    MISSING,
    image_facts,
    image_scores,
    image_tags,
    image_terms,
)
from visionloop.data.store.tables import annotation_sets, images, labels
from visionloop.storage.database import Database, Transaction

PROJECT = "parts"
BATCH = 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)
CAMERAS = ("iPhone 7", "Canon EOS 550D", "Basler a2A1920", "FLIR BFS", "")
TABLES = (images, annotation_sets, labels, image_facts, image_terms, image_tags, image_scores)


def fill(database: Database, number: int) -> None:
    """Insert images with labels, tags, scores and everything that queries look at."""
    indexes = [index for table in TABLES for index in table.indexes]
    with database.begin() as tx:
        for index in indexes:  # an index is built faster over full tables
            index.drop(tx)
        chance = random.Random(0)
        for start in range(0, number, BATCH):
            rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in TABLES}
            for seq in range(start + 1, min(start + BATCH, number) + 1):
                for table, row in _rows(chance, seq):
                    rows[table].append(row)
            for table, batch in rows.items():
                _insert(tx, table, batch)
        for index in indexes:
            index.create(tx)
    with database.read() as tx:
        if database.dialect == "sqlite":
            tx.rollback()
            tx.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
    with database.begin() as tx:
        for table in TABLES:
            tx.exec_driver_sql(f"ANALYZE {table.name}")


def _insert(tx: Transaction, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert below SQLAlchemy, which would take most of the time to look at every value."""
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    cursor = tx.connection.cursor()
    if tx.dialect.name == "postgresql":
        with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_plain(value) for value in row.values()])
        return
    places = ", ".join("?" * len(names))
    values = [tuple(_plain(value) for value in row.values()) for row in rows]
    cursor.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({places})", values)


def _plain(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value)
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


def _rows(chance: random.Random, seq: int) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    image_id = hashlib.sha256(str(seq).encode()).hexdigest()
    taken = START + timedelta(seconds=chance.randrange(300 * 86_400))
    name = f"line-{chance.randrange(40):02d}/{taken:%Y%m%d}/img_{seq:07d}.jpg"
    camera = chance.choice(CAMERAS)
    measured = [round(chance.gauss(110, 40), 3) for _ in STATISTIC_NAMES]
    measured[10] = round(chance.expovariate(1 / 300), 3)
    shown = [c for c, p in (("bolt", 0.4), ("nut", 0.2), ("gear", 0.1), ("rare", 0.001))
             if chance.random() < p]  # fmt: skip
    line = chance.randrange(40)
    exif = {"Model": camera, "ISOSpeedRatings": chance.choice([100, 200, 400, 800, 3200])}
    width, height = chance.choice([(640, 480), (1280, 960), (1920, 1080), (4000, 3000)])
    state = {
        "status": "active" if chance.random() < 0.98 else "excluded",
        "annotation_status": "labeled" if shown else "unlabeled",
        "origin": "ingest",
        "datastore": chance.choice(["line-a", "line-b"]),
    }
    image = {
        "project": PROJECT, "id": image_id, "uri": f"datastore://line-a/{name}",
        "datastore": state["datastore"], "name": name, "width": width, "height": height,
        "mode": "RGB", "format": "jpeg", "size_bytes": chance.randrange(10_000, 900_000),
        "camera": camera or None, "exif": exif, "statistics": measured, "dhash": image_id[:16],
        "group_key": f"g{seq // 12}", "origin": "ingest", "metadata": {"line": line},
        "status": state["status"], "created_at": START + timedelta(seconds=seq),
    }  # fmt: skip
    yield images, image
    yield annotation_sets, {
        "project": PROJECT, "image_id": image_id, "revision": int(bool(shown)),
        "status": state["annotation_status"], "labels": shown, "num_annotations": len(shown),
        "updated_at": START, "updated_by": "anna", "attributes": {},
    }  # fmt: skip
    yield from _label_rows(chance, image_id, shown)
    yield image_facts, {
        "seq": seq, "project": PROJECT, "id": image_id, **state, "camera": camera,
        "split": chance.choice(["train", "train", "val", "test", ""]), "group": image["group_key"],
        "format": "jpeg", "width": width, "height": height, "size_bytes": image["size_bytes"],
        "num_annotations": len(shown), "created": image["created_at"].timestamp(),
        "captured": taken.timestamp(), "annotated": START.timestamp() if shown else MISSING,
        **dict(zip(STATISTIC_NAMES, measured, strict=True)), "name": name,
        "search": f"{name}\ndatastore://line-a/{name}\n{line}".casefold(),
    }  # fmt: skip
    yield from _term_rows(chance, seq, image_id, (shown, line))


def _label_rows(
    chance: random.Random, image_id: str, shown: Sequence[str]
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    for position, category in enumerate(shown):
        model = chance.random() < 0.3
        yield labels, {
            "id": f"{image_id[:30]}{position}", "project": PROJECT, "image_id": image_id,
            "position": position, "category": category, "kind": "box",
            "bbox": [0.0, 0.0, 9.0, 9.0], "attributes": {},
            "score": chance.random() if model else None,
            "source": "model" if model else "human", "author": "anna",
        }  # fmt: skip


def _term_rows(
    chance: random.Random, seq: int, image_id: str, known: tuple[Sequence[str], int]
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    shown, line = known
    terms: list[tuple[str, str, str, float]] = [("label", name, "", 1.0) for name in shown]
    terms.append(("metadata", "line", str(line), float(line)))
    for tag, share in (("blurry", 0.05), ("to-check", 0.002)):
        if chance.random() < share:
            terms.append(("tag", tag, "", 1.0))
            yield image_tags, {
                "project": PROJECT, "tag": tag, "image_id": image_id, "added_by": "anna",
                "added_at": START,
            }  # fmt: skip
    if shown:
        quality = chance.random()
        terms.append(("score", "label_quality", "", quality))
        yield image_scores, {
            "project": PROJECT, "name": "label_quality", "image_id": image_id, "value": quality,
        }  # fmt: skip
    for field, key, text, number in terms:
        yield image_terms, {
            "seq": seq, "field": field, "key": key, "project": PROJECT, "text": text,
            "number": number,
        }  # fmt: skip
