"""Queries of the prediction log, and ground truth that arrives later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import ActorFactory
from tests.monitoring.conftest import Watched
from tests.monitoring.synthetic import DIGEST, START
from visionloop.admin.entities import SYSTEM
from visionloop.admin.errors import PermissionDenied
from visionloop.monitoring.errors import LoggedImageNotFound
from visionloop.monitoring.predictions import (
    count_requests,
    get_logged_image,
    list_predictions,
    read_traffic,
    read_window,
    record_truths,
    summarise_predictions,
)
from visionloop.serving.errors import EndpointNotFound


def test_log_is_listed_filtered_and_summarised(watched: Watched) -> None:
    database, home = watched.database, watched.home
    watched.stream.send(90)
    items, total = list_predictions(database, home, SYSTEM, "parts", "parts", limit=10, offset=5)
    assert total == 90
    assert [item.request_id for item in items] == [f"req-{84 - i:06d}" for i in range(10)]
    assert items[0].metadata == {"source": "test"}
    assert sum(items[0].probabilities) == pytest.approx(1, abs=1e-4)
    _, bolts = list_predictions(database, home, SYSTEM, "parts", "parts", label="bolt")
    summary = summarise_predictions(database, home, SYSTEM, "parts", "parts")[0]
    assert summary.num_requests == 90
    assert summary.labels.get("bolt", 0) == bolts
    assert 4 <= summary.latency_p50_ms <= summary.latency_p95_ms <= 8
    assert count_requests(home, "parts") == (DIGEST, 90)
    traffic = read_traffic(home, "parts", since=START, bucket_s=60)
    assert [point.num_requests for point in traffic] == [60, 30]
    assert traffic[1].time - traffic[0].time == timedelta(seconds=60)


def test_window_is_newest_oldest_first(watched: Watched) -> None:
    watched.stream.send(50)
    window = read_window(watched.home, "parts", limit=20)
    assert window is not None
    assert window.num_requests == 50
    assert window.request_ids == tuple(f"req-{index:06d}" for index in range(30, 50))
    assert window.samples.embeddings.shape == (20, 24)
    assert read_window(watched.home, "parts", limit=5, deployment="green") is None


def test_late_truth_joins_on_request_id(watched: Watched) -> None:
    database, home = watched.database, watched.home
    watched.stream.send(5)
    labels = {"req-000001": "nut", "req-000002": "gear", "unheard-of": "nut"}
    receipt = record_truths(database, home, SYSTEM, "parts", endpoint="parts", labels=labels)
    assert receipt == {"num_recorded": 2, "unknown_request_ids": ["unheard-of"]}
    record_truths(database, home, SYSTEM, "parts", endpoint="parts", labels={"req-000001": "bolt"})
    items, _ = list_predictions(database, home, SYSTEM, "parts", "parts")
    truths = {item.request_id: item.true_label for item in items}
    assert truths["req-000001"] == "bolt"
    assert truths["req-000002"] == "gear"
    assert truths["req-000003"] is None


def test_images_are_served_by_digest_only(watched: Watched) -> None:
    database, home = watched.database, watched.home
    watched.stream.send(1)
    image_id = next(iter(watched.stream.images))
    data, media_type = get_logged_image(
        database, home, SYSTEM, "parts", endpoint="parts", image_id=image_id
    )
    assert data.startswith(b"\x89PNG")
    assert media_type == "image/png"
    for bad in ("../../../etc/passwd", "0" * 64, image_id.upper() + "/.."):
        with pytest.raises(LoggedImageNotFound):
            get_logged_image(database, home, SYSTEM, "parts", endpoint="parts", image_id=bad)


def test_rights_and_foreign_projects(watched: Watched, make_actor: ActorFactory) -> None:
    watched.stream.send(1)
    arguments = (watched.database, watched.home)
    with pytest.raises(PermissionDenied):
        list_predictions(*arguments, make_actor(), "parts", "parts")
    with pytest.raises(PermissionDenied):
        record_truths(
            *arguments,
            make_actor("viewer"),
            "parts",
            endpoint="parts",
            labels={"req-000000": "nut"},
        )
    with pytest.raises(EndpointNotFound):
        list_predictions(*arguments, SYSTEM, "parts", "elsewhere")
