"""Rows of monitors and their windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from visionloop.monitoring.entities import (
    DriftResult,
    FamilyResult,
    FeatureShift,
    Monitor,
    MonitorSettings,
    MonitorWindow,
    PerformanceEstimate,
    ShiftedImage,
    WindowState,
)
from visionloop.monitoring.store.tables import count_rows, insert_once, monitor_windows, monitors
from visionloop.storage.database import Transaction


def insert_monitor(tx: Transaction, monitor: Monitor) -> None:
    """Insert a monitor."""
    tx.execute(monitors.insert().values(**asdict(monitor)))


def update_monitor(tx: Transaction, monitor: Monitor) -> None:
    """Replace what can change of a monitor."""
    values = asdict(monitor)
    tx.execute(monitors.update().where(monitors.c.id == monitor.id).values(**values))


def find_monitor(
    tx: Transaction,
    *,
    project: str | None = None,
    name: str | None = None,
    monitor_id: str | None = None,
) -> Monitor | None:
    """Return a monitor by id, or by project and name."""
    condition = (
        monitors.c.id == monitor_id
        if monitor_id is not None
        else (monitors.c.project == project) & (monitors.c.name == name)
    )
    row = tx.execute(monitors.select().where(condition)).mappings().first()
    return _monitor(row) if row else None


def list_monitors(
    tx: Transaction, project: str | None = None, *, endpoint: str | None = None
) -> list[Monitor]:
    """Return monitors by project and name."""
    query = monitors.select().order_by(monitors.c.project, monitors.c.name)
    if project is not None:
        query = query.where(monitors.c.project == project)
    if endpoint is not None:
        query = query.where(monitors.c.endpoint == endpoint)
    return [_monitor(row) for row in tx.execute(query).mappings()]


def insert_window(tx: Transaction, window: MonitorWindow) -> bool:
    """Insert a window, unless another process just evaluated the same one."""
    values = asdict(window) | {"state": window.state.value}
    return insert_once(tx, monitor_windows, values)


def find_window(
    tx: Transaction,
    *,
    window_id: str | None = None,
    monitor_id: str | None = None,
    model_digest: str | None = None,
    last_request_id: str | None = None,
) -> MonitorWindow | None:
    """Return a window by id, or by what it was taken from."""
    columns = monitor_windows.c
    condition = (
        columns.id == window_id
        if window_id is not None
        else (columns.monitor_id == monitor_id)
        & (columns.model_digest == model_digest)
        & (columns.last_request_id == last_request_id)
    )
    row = tx.execute(monitor_windows.select().where(condition)).mappings().first()
    return _window(row) if row else None


def list_windows(
    tx: Transaction,
    monitor_id: str,
    *,
    model_digest: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[MonitorWindow], int]:
    """Return windows, newest first, and how many there are."""
    condition = monitor_windows.c.monitor_id == monitor_id
    if model_digest is not None:
        condition &= monitor_windows.c.model_digest == model_digest
    query = (
        monitor_windows.select()
        .where(condition)
        .order_by(monitor_windows.c.created_at.desc(), monitor_windows.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    items = [_window(row) for row in tx.execute(query).mappings()]
    return items, count_rows(tx, monitor_windows, condition)


def _monitor(row: Mapping[Any, Any]) -> Monitor:
    return Monitor(**(dict(row) | {"settings": MonitorSettings(**row["settings"])}))


def _window(row: Mapping[Any, Any]) -> MonitorWindow:
    drift, performance = row["drift"], row["performance"]
    typed = {
        "state": WindowState(row["state"]),
        "drift": _drift(drift) if drift else None,
        "performance": PerformanceEstimate(**performance) if performance else None,
    }
    return MonitorWindow(**(dict(row) | typed))


def _drift(values: Mapping[str, Any]) -> DriftResult:
    nested = {
        "families": tuple(FamilyResult(**item) for item in values["families"]),
        "features": tuple(FeatureShift(**item) for item in values["features"]),
        "images": tuple(ShiftedImage(**item) for item in values["images"]),
    }
    return DriftResult(**(dict(values) | nested))
