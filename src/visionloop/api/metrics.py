"""Prometheus metrics of the control plane: requests as histograms, work as gauges.

Histograms, never precomputed percentiles; labels only from small closed sets, so that the number
of series stays bounded.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from visionloop.bootstrap import Application
from visionloop.promotion.overview.workload import count_workload

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one control plane.

    Args:
        application: Where the gauges are read from, at each scrape.
    """

    def __init__(self, application: Application) -> None:
        self.registry = CollectorRegistry()
        self.latency = Histogram(
            "visionloop_http_request_seconds",
            "Time to answer a request.",
            ["method", "route"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.requests = Counter(
            "visionloop_http_requests",
            "Answered requests.",
            ["method", "route", "code"],
            registry=self.registry,
        )
        self.registry.register(_Workload(application))

    def expose(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self.registry)


class MetricsMiddleware:
    """Times every request by its route template, so that ids do not become labels."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        code = 500

        async def note_code(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_code)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            labels = {"method": scope["method"], "route": route}
            self._metrics.latency.labels(**labels).observe(time.perf_counter() - started)
            self._metrics.requests.labels(**labels, code=str(code)).inc()


def install_metrics(app: FastAPI, application: Application) -> None:
    """Measure every request of the application."""
    app.state.metrics = Metrics(application)
    app.add_middleware(MetricsMiddleware, metrics=app.state.metrics)


class _Workload(Collector):
    """Gauges of work that waits or runs, read from the database at each scrape."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def describe(self) -> Iterable[Metric]:
        """Name nothing ahead, so that registering does not read the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Read the gauges."""
        for name, (help_text, label, counts) in count_workload(self._application.database).items():
            family = GaugeMetricFamily(f"visionloop_{name}", help_text, labels=["project", label])
            for (project, value), count in counts.items():
                family.add_metric([project, value], count)
            yield family
