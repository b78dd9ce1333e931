"""A bounded load test of an endpoint on this machine, as a client sees it."""

from __future__ import annotations

import http.client
import ipaddress
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from visionloop.serving.access import dial_host
from visionloop.serving.entities import Endpoint, LoadTestReport
from visionloop.serving.errors import LoadTestInvalid
from visionloop.serving.files import control_key
from visionloop.serving.rules import percentile
from visionloop.storage.home import Home

SOURCE = "load-test"
_MAX_REQUESTS = 20_000
_MAX_CLIENTS = 64
_MAX_DURATION_S = 120.0
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class LoadTestSpec:
    """How hard and how long; whichever of requests and duration is used up first ends it.

    Attributes:
        concurrency: clients that each wait for an answer before they ask again.
        deployment: whom to force; None follows the traffic split.
    """

    duration_s: float = 10.0
    concurrency: int = 4
    num_requests: int = _MAX_REQUESTS
    deployment: str | None = None


@dataclass(frozen=True)
class _Sample:
    status: str
    deployment: str
    latency_ms: float


def run_load_test(
    home: Home, endpoint: Endpoint, images: Sequence[bytes], *, spec: LoadTestSpec
) -> LoadTestReport:
    """Send images to an endpoint and measure its answers; none of it reaches the prediction log.

    Args:
        home: Where the control key is.
        endpoint: Whom to load; only one on this machine may be.
        images: Bytes of JPEG or PNG files, sent in turns.
        spec: How hard and how long.

    Raises:
        LoadTestInvalid: it is out of bounds, has no images, or aims at another machine.
    """
    _check(endpoint, images, spec)
    tickets = iter(range(spec.num_requests))
    turns = itertools.cycle(images)
    headers = {
        "Authorization": f"Bearer {control_key(home, endpoint.name)}",
        "Content-Type": "application/octet-stream",
        "visionloop-source": SOURCE,
    }
    if spec.deployment:
        headers["visionloop-deployment"] = spec.deployment
    samples: list[_Sample] = []
    lock = threading.Lock()
    begun = time.perf_counter()
    deadline = begun + spec.duration_s

    def take() -> Iterator[bytes]:
        while True:
            with lock:
                if time.perf_counter() >= deadline or next(tickets, None) is None:
                    return
                image = next(turns)
            yield image

    def ask() -> None:
        own = list(_ask(endpoint, headers, take()))
        with lock:
            samples.extend(own)

    clients = [threading.Thread(target=ask, daemon=True) for _ in range(spec.concurrency)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return _summarise(samples, time.perf_counter() - begun)


def _ask(endpoint: Endpoint, headers: dict[str, str], images: Iterator[bytes]) -> Iterator[_Sample]:
    """Send images over one kept connection, opening another after a fault."""
    connection = _connect(endpoint)
    for image in images:
        begun = time.perf_counter()
        try:
            connection.request("POST", "/score", body=image, headers=headers)
            response = connection.getresponse()
            response.read()
            status = str(response.status)
            deployment = response.getheader("visionloop-deployment") or ""
        except (OSError, http.client.HTTPException) as error:
            status, deployment = type(error).__name__, ""
            connection.close()
            connection = _connect(endpoint)
        yield _Sample(status, deployment, (time.perf_counter() - begun) * 1000.0)
    connection.close()


def _connect(endpoint: Endpoint) -> http.client.HTTPConnection:
    host = dial_host(endpoint.host)
    return http.client.HTTPConnection(host, endpoint.port, timeout=_TIMEOUT_S)


def _check(endpoint: Endpoint, images: Sequence[bytes], spec: LoadTestSpec) -> None:
    if not images:
        raise LoadTestInvalid("it has no images to send")
    if not 0.0 < spec.duration_s <= _MAX_DURATION_S:
        raise LoadTestInvalid(f"it may last up to {_MAX_DURATION_S:g} s, not {spec.duration_s:g}")
    if not 1 <= spec.concurrency <= _MAX_CLIENTS:
        raise LoadTestInvalid(f"it has 1 to {_MAX_CLIENTS} clients, not {spec.concurrency}")
    if not 1 <= spec.num_requests <= _MAX_REQUESTS:
        raise LoadTestInvalid(f"it sends 1 to {_MAX_REQUESTS} requests, not {spec.num_requests}")
    host = dial_host(endpoint.host)
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise LoadTestInvalid(f"{host} is not this machine; load is sent over loopback only")


def _summarise(samples: Sequence[_Sample], duration_s: float) -> LoadTestReport:
    answered = sorted(sample.latency_ms for sample in samples if sample.status == "200")
    num_errors = len(samples) - len(answered)
    return LoadTestReport(
        num_requests=len(samples),
        num_errors=num_errors,
        error_rate=num_errors / len(samples) if samples else 1.0,
        duration_s=duration_s,
        requests_per_s=len(samples) / duration_s,
        latency_p50_ms=_percentile(answered, 50),
        latency_p90_ms=_percentile(answered, 90),
        latency_p95_ms=_percentile(answered, 95),
        latency_p99_ms=_percentile(answered, 99),
        latency_max_ms=_percentile(answered, 100),
        status_counts=dict(Counter(sample.status for sample in samples)),
        deployment_counts=dict(Counter(s.deployment for s in samples if s.deployment)),
    )


def _percentile(ordered: Sequence[float], percent: float) -> float | None:
    return percentile(ordered, percent) if ordered else None
