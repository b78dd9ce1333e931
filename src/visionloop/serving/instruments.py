"""What a serving process measures about itself, for Prometheus and for the status page."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from visionloop.serving.rules import percentile

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_S = (
    *(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05),
    *(0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0),
)
_RECENT_S = 60.0
_MAX_RECENT = 50_000


class Instruments:
    """Counters and histograms of one process; written from its event loop only."""

    def __init__(self, endpoint: str) -> None:
        self.registry = CollectorRegistry()
        self.endpoint = endpoint
        self.num_requests = 0
        self.in_flight = 0
        self._recent: deque[tuple[float, float, int]] = deque(maxlen=_MAX_RECENT)
        self._children: dict[tuple[str, str], Any] = {}
        self._requests = Counter(
            "visionloop_requests",
            "Scoring requests by deployment and status code.",
            ("endpoint", "deployment", "code"),
            registry=self.registry,
        )
        self._histograms = {
            kind: Histogram(
                f"visionloop_{kind}_seconds",
                f"Seconds of a scoring request: {kind}.",
                ("endpoint", "deployment"),
                buckets=_BUCKETS_S,
                registry=self.registry,
            )
            for kind in ("request", "decode", "inference")
        }
        self._shadows = Counter(
            "visionloop_shadow_comparisons",
            "Mirrored requests by whether the shadow gave the live label.",
            ("endpoint", "deployment", "agreed"),
            registry=self.registry,
        )

    def expose(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        """Expose a value that is read when somebody asks."""
        gauge = Gauge(name, documentation, ("endpoint",), registry=self.registry)
        gauge.labels(self.endpoint).set_function(read)

    def observe_request(self, deployment: str, code: int, total_ms: float) -> None:
        """Count an answered or refused scoring request."""
        self.num_requests += 1
        self._child("requests", deployment, str(code)).inc()
        self._recent.append((time.monotonic(), total_ms, code))
        if code == 200:
            self._child("request", deployment).observe(total_ms / 1000.0)

    def observe_image(self, deployment: str, decode_ms: float, inference_ms: float) -> None:
        """Note the stages of one scored image."""
        self._child("decode", deployment).observe(decode_ms / 1000.0)
        self._child("inference", deployment).observe(inference_ms / 1000.0)

    def observe_shadow(self, deployment: str, *, agreed: bool) -> None:
        """Count a comparison with a shadow."""
        self._shadows.labels(self.endpoint, deployment, str(agreed).lower()).inc()

    def summarise_recent(self) -> dict[str, Any]:
        """Describe the last 60 seconds: rate, latencies of answers, share of 5xx."""
        horizon = time.monotonic() - _RECENT_S
        while self._recent and self._recent[0][0] < horizon:
            self._recent.popleft()
        ordered = sorted(total_ms for _, total_ms, code in self._recent if code == 200)
        failed = sum(code >= 500 for _, _, code in self._recent)
        return {
            "requests_per_minute": float(len(self._recent)),
            "latency_p50_ms": round(percentile(ordered, 50), 3) if ordered else None,
            "latency_p95_ms": round(percentile(ordered, 95), 3) if ordered else None,
            "latency_p99_ms": round(percentile(ordered, 99), 3) if ordered else None,
            "error_rate": failed / len(self._recent) if self._recent else 0.0,
        }

    def render(self) -> bytes:
        """Render the Prometheus text format."""
        return generate_latest(self.registry)

    def _child(self, kind: str, deployment: str, code: str = "") -> Any:
        # Looking a child up by labels costs more than counting, so it is looked up once.
        key = (kind, f"{deployment}\0{code}")
        child = self._children.get(key)
        if child is None:
            if kind == "requests":
                child = self._requests.labels(self.endpoint, deployment, code)
            else:
                child = self._histograms[kind].labels(self.endpoint, deployment)
            self._children[key] = child
        return child
