"""Read the prediction log: windows, tables, summaries, images and late ground truth."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.monitoring.entities import TrafficPoint
from visionloop.monitoring.errors import LoggedImageNotFound
from visionloop.monitoring.log import COLUMNS, IMAGES_FOLDER, open_log
from visionloop.monitoring.samples import Samples
from visionloop.monitoring.store import reviews as review_store
from visionloop.serving.endpoints import get_endpoint
from visionloop.serving.files import prediction_folder
from visionloop.storage.database import Database
from visionloop.storage.home import Home

_HIDDEN = ("embedding", "statistics", "dhash")
_SHOWN = tuple(name for name in COLUMNS if name not in _HIDDEN)
_HEX_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class LoggedPrediction:
    """One answered request in the prediction log.

    Attributes:
        objects: what a detector found, best first: {label, score, box}; empty for other tasks.
    """

    request_id: str
    time: datetime
    endpoint: str
    deployment: str
    model_digest: str
    image_id: str
    label: str
    score: float
    probabilities: tuple[float, ...]
    width: int
    height: int
    decode_ms: float
    inference_ms: float
    total_ms: float
    image_stored: bool
    metadata: dict[str, Any] = field(default_factory=dict)
    objects: tuple[dict[str, Any], ...] = ()
    true_label: str | None = None


@dataclass(frozen=True)
class LogSummary:
    """Counts and latencies of a deployment over a stretch of the log."""

    endpoint: str
    deployment: str
    model_digest: str
    num_requests: int
    first_at: datetime
    last_at: datetime
    mean_score: float
    latency_p50_ms: float
    latency_p95_ms: float
    latency_p99_ms: float
    labels: dict[str, int]


@dataclass(frozen=True)
class LogWindow:
    """The newest answers of one model, oldest first, with all signals.

    Attributes:
        num_requests: answers of this model in the whole log, not only in the window.
    """

    deployment: str
    model_digest: str
    num_requests: int
    request_ids: tuple[str, ...]
    image_ids: tuple[str, ...]
    times: tuple[datetime, ...]
    labels: tuple[str, ...]
    hashes: tuple[str, ...]
    stored: tuple[bool, ...]
    samples: Samples

    def __len__(self) -> int:
        return len(self.request_ids)


def read_window(
    home: Home,
    endpoint: str,
    *,
    limit: int,
    deployment: str | None = None,
    model_digest: str | None = None,
) -> LogWindow | None:
    """Return the newest answers of the model that answers most.

    Args:
        home: where predictions are kept.
        endpoint: name of the endpoint.
        limit: at most this many requests.
        deployment: only this deployment; None takes the one with most of the newest answers.
        model_digest: only this model; None takes the newest of the deployment.

    Returns:
        The window, or None for an empty log.
    """
    with open_log(home, endpoint) as connection:
        found = _choose_model(connection, deployment, model_digest)
        if found is None:
            return None
        chosen, digest, total = found
        rows = connection.execute(
            "SELECT request_id, image_id, time, label, dhash, image_stored, "
            "statistics, probabilities, embedding FROM log "
            "WHERE deployment = ? AND model_digest = ? "
            "ORDER BY time DESC, request_id DESC LIMIT ?",
            [chosen, digest, limit],
        ).fetchall()
    request_ids, image_ids, times, labels, hashes, stored, statistics, probabilities, embeddings = (
        zip(*reversed(rows), strict=True)
    )
    return LogWindow(
        deployment=chosen,
        model_digest=digest,
        num_requests=total,
        request_ids=request_ids,
        image_ids=image_ids,
        times=times,
        labels=labels,
        hashes=hashes,
        stored=stored,
        samples=Samples.from_rows(statistics, probabilities, embeddings),
    )


def list_predictions(
    database: Database,
    home: Home,
    actor: Actor,
    project: str,
    endpoint: str,
    *,
    deployment: str | None = None,
    label: str | None = None,
    image_id: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[LoggedPrediction], int]:
    """Return answered requests, newest first, with ground truth where it is known.

    Raises:
        EndpointNotFound: the project has no such endpoint.
    """
    get_endpoint(database, actor, project, name=endpoint)
    with open_log(home, endpoint) as connection:
        chosen = connection.table("log")
        for name, value in _named(deployment=deployment, label=label, image_id=image_id):
            column = duckdb.ColumnExpression(name)
            chosen = chosen.filter(column == duckdb.ConstantExpression(value))
        total = chosen.count("*").fetchall()[0][0]
        page = chosen.order("time DESC, request_id DESC").limit(limit, offset=offset)
        rows = page.select(*_SHOWN).fetchall()
    with database.read() as tx:
        truths = review_store.find_truths(tx, endpoint, [row[0] for row in rows])
    return [_prediction(row, truths.get(row[0])) for row in rows], total


def _named(**wanted: str | None) -> list[tuple[str, str]]:
    return [(name, value) for name, value in wanted.items() if value is not None]


def summarise_predictions(
    database: Database, home: Home, actor: Actor, project: str, endpoint: str
) -> list[LogSummary]:
    """Return counts, labels and latencies of each deployment and model, newest first."""
    get_endpoint(database, actor, project, name=endpoint)
    with open_log(home, endpoint) as connection:
        rows = connection.execute(
            "SELECT deployment, model_digest, count(*), min(time), max(time), avg(score), "
            "quantile_cont(total_ms, [0.5, 0.95, 0.99]), histogram(label) "
            "FROM log GROUP BY ALL ORDER BY max(time) DESC"
        ).fetchall()
    return [
        LogSummary(
            endpoint=endpoint,
            deployment=row[0],
            model_digest=row[1],
            num_requests=row[2],
            first_at=row[3],
            last_at=row[4],
            mean_score=float(row[5]),
            latency_p50_ms=float(row[6][0]),
            latency_p95_ms=float(row[6][1]),
            latency_p99_ms=float(row[6][2]),
            labels={str(label): int(count) for label, count in row[7].items()},
        )
        for row in rows
    ]


def read_traffic(
    home: Home, endpoint: str, *, since: datetime, bucket_s: int
) -> list[TrafficPoint]:
    """Return requests and latencies in equal stretches of time, oldest first."""
    with open_log(home, endpoint) as connection:
        rows = connection.execute(
            "SELECT to_timestamp(floor(epoch(time) / ?) * ?) AS bucket, count(*), "
            "quantile_cont(total_ms, [0.5, 0.95]) FROM log WHERE time >= ? "
            "GROUP BY bucket ORDER BY bucket",
            [bucket_s, bucket_s, since],
        ).fetchall()
    return [TrafficPoint(row[0], row[1], float(row[2][0]), float(row[2][1])) for row in rows]


def get_logged_image(
    database: Database, home: Home, actor: Actor, project: str, *, endpoint: str, image_id: str
) -> tuple[bytes, str]:
    """Return the bytes of an image that the log kept, and their media type.

    Raises:
        LoggedImageNotFound: it was not sampled, or retention deleted it.
    """
    get_endpoint(database, actor, project, name=endpoint)
    data = read_logged_image(home, endpoint, image_id)
    return data, "image/png" if data.startswith(b"\x89PNG") else _sniff(data)


def read_logged_image(home: Home, endpoint: str, image_id: str) -> bytes:
    """Return the bytes of an image that the log kept.

    Raises:
        LoggedImageNotFound: it was not sampled, or retention deleted it.
    """
    if len(image_id) != 64 or not set(image_id) <= _HEX_DIGITS:
        raise LoggedImageNotFound(endpoint, image_id)
    try:
        return (prediction_folder(home, endpoint) / IMAGES_FOLDER / image_id).read_bytes()
    except FileNotFoundError:
        raise LoggedImageNotFound(endpoint, image_id) from None


def record_truths(
    database: Database,
    home: Home,
    actor: Actor,
    project: str,
    *,
    endpoint: str,
    labels: Mapping[str, str],
) -> dict[str, Any]:
    """Join ground truth that arrives late to requests, by request id.

    Args:
        database: where ground truth is kept.
        home: where the prediction log is.
        actor: who says so; it takes the right to label.
        project: name of the project.
        endpoint: name of the endpoint.
        labels: true label by request id; unknown ids are told back, the others are kept.

    Returns:
        ``num_recorded`` and ``unknown_request_ids``.
    """
    get_endpoint(database, actor, project, name=endpoint)
    require(actor, Permission.LABEL, project)
    known = _known_requests(home, endpoint, list(labels))
    found = {request_id: label for request_id, label in labels.items() if request_id in known}
    with database.begin() as tx:
        review_store.upsert_truths(tx, project, endpoint, found, by=actor.name, at=utc_now())
        publish(
            tx,
            type="visionloop.prediction_truths.recorded",
            project=project,
            subject=f"endpoint/{endpoint}",
            actor=actor,
            data={"num_recorded": len(found)},
        )
    unknown = [request_id for request_id in labels if request_id not in known]
    return {"num_recorded": len(found), "unknown_request_ids": unknown}


def count_requests(
    home: Home, endpoint: str, *, deployment: str | None = None
) -> tuple[str, int] | None:
    """Return digest and number of answers of the model that answers most; None without any."""
    with open_log(home, endpoint) as connection:
        found = _choose_model(connection, deployment, None)
    return (found[1], found[2]) if found else None


def _choose_model(
    connection: duckdb.DuckDBPyConnection, deployment: str | None, digest: str | None
) -> tuple[str, str, int] | None:
    newest = connection.execute(
        "SELECT deployment, model_digest FROM log "
        "WHERE ($1 IS NULL OR deployment = $1) AND ($2 IS NULL OR model_digest = $2) "
        "AND coalesce(json_extract_string(metadata, '$.mirror'), 'false') <> 'true' "
        "ORDER BY time DESC, request_id DESC LIMIT 50",
        [deployment, digest],
    ).fetchall()
    if not newest:
        return None
    # During a canary both models answer; the one that answers most is watched.
    chosen = max(dict.fromkeys(newest), key=newest.count)
    total = _scalar(
        connection,
        "SELECT count(*) FROM log WHERE deployment = ? AND model_digest = ?",
        [*chosen],
    )
    return chosen[0], chosen[1], total


def _known_requests(home: Home, endpoint: str, request_ids: Sequence[str]) -> set[str]:
    with open_log(home, endpoint) as connection:
        rows = connection.execute(
            "SELECT DISTINCT request_id FROM log WHERE list_contains(?, request_id)",
            [list(request_ids)],
        ).fetchall()
    return {row[0] for row in rows}


def _scalar(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any]) -> int:
    row = connection.execute(query, list(values)).fetchone()
    return int(row[0]) if row else 0


def _prediction(row: Sequence[Any], truth: str | None) -> LoggedPrediction:
    values = dict(zip(_SHOWN, row, strict=True))
    values["probabilities"] = tuple(values["probabilities"] or ())
    values["metadata"] = json.loads(values["metadata"] or "{}")
    values["objects"] = tuple(json.loads(values["objects"] or "[]"))
    return LoggedPrediction(**values, true_label=truth)


def _sniff(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "application/octet-stream"
