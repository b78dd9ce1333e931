"""Pure decisions of monitoring: when to evaluate, when to alert, when to restart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from visionloop.monitoring.entities import (
    AlertKind,
    MonitorSettings,
    MonitorWindow,
    PerformanceEstimate,
    Severity,
    WindowState,
)

CONSECUTIVE_WINDOWS: Final = 3
ALARMING_WINDOWS: Final = 2
CLEAN_WINDOWS_TO_RESOLVE: Final = 3

SEVERITY: Final = {
    AlertKind.DRIFT: Severity.TICKET,
    AlertKind.PERFORMANCE: Severity.PAGE,
    AlertKind.ENDPOINT_DOWN: Severity.PAGE,
    AlertKind.LATENCY: Severity.PAGE,
    AlertKind.STALE_MONITOR: Severity.TICKET,
    AlertKind.DROPPED_RECORDS: Severity.TICKET,
}


def is_alarming(flags: Sequence[bool]) -> bool:
    """Decide on an alert: 2 of the newest 3 windows raised the flag.

    Args:
        flags: one per evaluated window, oldest first; windows without enough data are
            left out by the caller, because they are evidence of nothing.
    """
    return sum(flags[-CONSECUTIVE_WINDOWS:]) >= ALARMING_WINDOWS


def has_recovered(flags: Sequence[bool]) -> bool:
    """Decide on resolving an alert: the newest 3 windows are all clean."""
    newest = flags[-CLEAN_WINDOWS_TO_RESOLVE:]
    return len(newest) == CLEAN_WINDOWS_TO_RESOLVE and not any(newest)


def has_dropped(estimate: PerformanceEstimate | None, max_drop: float) -> bool:
    """Decide whether accuracy fell: even the upper end of the interval misses the allowance.

    An extrapolating estimate asks for labels instead of raising the alarm.
    """
    if estimate is None or estimate.is_extrapolating:
        return False
    return estimate.high < estimate.reference - max_drop / 2 and (
        estimate.value < estimate.reference - max_drop
    )


def window_flags(
    windows: Sequence[MonitorWindow], settings: MonitorSettings, kind: AlertKind
) -> list[bool]:
    """Flag each window with enough data, oldest first, for drift or for performance."""
    evaluated = [window for window in windows if window.state != WindowState.INSUFFICIENT_DATA]
    if kind == AlertKind.DRIFT:
        return [window.state == WindowState.DRIFTED for window in evaluated]
    return [has_dropped(window.performance, settings.max_accuracy_drop) for window in evaluated]


def is_due(num_requests: int, num_evaluated: int, every_requests: int) -> bool:
    """Decide whether enough new requests came since the last evaluation."""
    return num_requests - num_evaluated >= every_requests


def find_problem(
    *, is_alive: bool, latency_p95_ms: float | None, max_latency_p95_ms: float, num_requests: int
) -> AlertKind | None:
    """Name what is wrong with an endpoint; few requests are no evidence of slowness."""
    if not is_alive:
        return AlertKind.ENDPOINT_DOWN
    enough = num_requests >= 20
    if enough and latency_p95_ms is not None and latency_p95_ms > max_latency_p95_ms:
        return AlertKind.LATENCY
    return None


def may_restart(restarts: Sequence[datetime], now: datetime, max_per_hour: int) -> bool:
    """Decide whether the budget of automatic restarts allows one more."""
    recent = [moment for moment in restarts if now - moment < timedelta(hours=1)]
    return len(recent) < max_per_hour


def split_budget(budget: int, audit_share: float) -> tuple[int, int]:
    """Divide a review budget into ranked images and uniformly drawn audit images."""
    num_audit = min(budget, round(budget * audit_share))
    if audit_share > 0 and budget > 1:
        num_audit = max(1, num_audit)
    return budget - num_audit, num_audit


def find_setting_problem(settings: MonitorSettings) -> str | None:
    """Say what is wrong with the settings of a monitor; None when nothing is."""
    checks = (
        (50 <= settings.window_size <= 5000, "window_size must lie between 50 and 5000"),
        (
            20 <= settings.min_images <= settings.window_size,
            "min_images must lie between 20 and window_size",
        ),
        (0 < settings.alpha <= 0.2, "alpha must lie between 0 and 0.2"),
        (settings.every_requests >= 1, "every_requests must be at least 1"),
        (0 <= settings.max_accuracy_drop <= 1, "max_accuracy_drop must lie between 0 and 1"),
        (settings.review_budget >= 1, "review_budget must be at least 1"),
        (0 <= settings.audit_share <= 1, "audit_share must lie between 0 and 1"),
        (settings.max_latency_p95_ms > 0, "max_latency_p95_ms must be above 0"),
        (settings.max_restarts_per_hour >= 0, "max_restarts_per_hour must not be negative"),
        (settings.retention_days >= 1, "retention_days must be at least 1"),
    )
    return next((problem for holds, problem in checks if not holds), None)
