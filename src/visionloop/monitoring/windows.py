"""Evaluate monitors: take the newest window, test it, estimate accuracy, alert."""

from __future__ import annotations

from dataclasses import replace

from visionloop.admin.entities import SYSTEM, Actor
from visionloop.admin.events import publish
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.monitoring import review, rules
from visionloop.monitoring.alerts import Cause, clear_alert, raise_alert, require_watcher
from visionloop.monitoring.baselines import get_calibration, get_estimator
from visionloop.monitoring.drift import Calibration, detect_drift, rank_shifted
from visionloop.monitoring.entities import (
    Alert,
    AlertKind,
    DriftResult,
    Monitor,
    MonitorWindow,
    ShiftedImage,
    WindowState,
)
from visionloop.monitoring.errors import WindowNotFound
from visionloop.monitoring.monitors import get_monitor
from visionloop.monitoring.performance import estimate_performance
from visionloop.monitoring.predictions import LogWindow, read_window
from visionloop.monitoring.samples import IntArray, Samples, newest_distinct
from visionloop.monitoring.store import monitors as monitor_store
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction
from visionloop.storage.home import Home

REPEATS_EXPECTED = 6
NUM_SHOWN_IMAGES = 12
_HISTORY = 10


def run_monitor(
    database: Database, home: Home, blobs: BlobStore, actor: Actor, *, project: str, monitor: str
) -> MonitorWindow:
    """Evaluate the newest window of a monitor; the same window is evaluated once.

    Args:
        database: where monitors and windows are.
        home: where the prediction log and the package of the model are.
        blobs: where images go that are sent to review.
        actor: who asks.
        project: name of the project.
        monitor: name of the monitor.

    Returns:
        The window; without new requests the one that was evaluated before.

    Raises:
        MonitorNotFound: the project has none of this name.
        BaselineMissing, BaselineTooSmall: the model cannot be monitored.
    """
    require_watcher(actor, project)
    watched = get_monitor(database, actor, project, monitor)
    settings = watched.settings
    taken = read_window(
        home,
        watched.endpoint,
        limit=settings.window_size * REPEATS_EXPECTED,
        deployment=watched.deployment,
    )
    if taken is None:
        return _empty_window(watched)
    with database.read() as tx:
        known = _find_same(tx, watched, taken)
    if known is not None:
        return known
    window = _evaluate(home, watched, taken)
    with database.begin() as tx:
        if not monitor_store.insert_window(tx, window):
            known = _find_same(tx, watched, taken)
            assert known is not None
            return known
        opened = _update_alerts(tx, actor, watched, window)
        _publish(tx, actor, watched, window)
    if settings.review_on_alert:
        for alert in opened:
            review.send_to_review(
                database,
                blobs,
                home,
                SYSTEM,
                project=project,
                monitor=watched.name,
                alert_id=alert.id,
            )
    return window


def list_windows(
    database: Database, actor: Actor, project: str, name: str, *, limit: int = 100, offset: int = 0
) -> tuple[list[MonitorWindow], int]:
    """Return the windows of a monitor, newest first, and how many there are."""
    monitor = get_monitor(database, actor, project, name)
    with database.read() as tx:
        return monitor_store.list_windows(tx, monitor.id, limit=limit, offset=offset)


def get_window(
    database: Database, actor: Actor, project: str, name: str, window_id: str
) -> MonitorWindow:
    """Return one window of a monitor.

    Raises:
        WindowNotFound: the monitor has no such window.
    """
    monitor = get_monitor(database, actor, project, name)
    with database.read() as tx:
        window = monitor_store.find_window(tx, window_id=window_id)
    if window is None or window.monitor_id != monitor.id:
        raise WindowNotFound(window_id)
    return window


def _evaluate(home: Home, monitor: Monitor, taken: LogWindow) -> MonitorWindow:
    settings = monitor.settings
    chosen = newest_distinct(taken.hashes, taken.samples.embeddings, settings.window_size)
    span = slice(int(chosen[0]), None)
    blank = replace(
        _empty_window(monitor),
        deployment=taken.deployment,
        model_digest=taken.model_digest,
        num_requests=taken.num_requests,
        num_images=len(chosen),
        num_duplicates=len(taken.request_ids[span]) - len(chosen),
        first_request_at=taken.times[span.start],
        last_request_at=taken.times[-1],
        last_request_id=taken.request_ids[-1],
    )
    if len(chosen) < settings.min_images:
        return blank
    samples = taken.samples.take(chosen)
    calibration = get_calibration(home, taken.model_digest, settings.window_size)
    drift = detect_drift(calibration, samples, alpha=settings.alpha)
    drift = replace(drift, images=_shifted_images(calibration, samples, taken, chosen))
    estimator = get_estimator(home, taken.model_digest, settings.window_size)
    return replace(
        blank,
        state=WindowState.DRIFTED if drift.is_drifted else WindowState.OK,
        drift=drift,
        performance=estimate_performance(estimator, samples, is_drifted=drift.is_drifted),
    )


def _shifted_images(
    calibration: Calibration, samples: Samples, taken: LogWindow, chosen: IntArray
) -> tuple[ShiftedImage, ...]:
    order, scores = rank_shifted(calibration, samples)
    return tuple(
        ShiftedImage(
            request_id=taken.request_ids[chosen[index]],
            image_id=taken.image_ids[chosen[index]],
            label=taken.labels[chosen[index]],
            score=float(scores[index]),
        )
        for index in order[:NUM_SHOWN_IMAGES]
    )


def _update_alerts(
    tx: Transaction, actor: Actor, monitor: Monitor, window: MonitorWindow
) -> list[Alert]:
    """Open, freshen or resolve the alerts of a monitor; return those that are new."""
    newest, _ = monitor_store.list_windows(
        tx, monitor.id, model_digest=window.model_digest, limit=_HISTORY
    )
    windows = newest[::-1]
    opened = []
    for kind in (AlertKind.DRIFT, AlertKind.PERFORMANCE):
        flags = rules.window_flags(windows, monitor.settings, kind)
        if rules.is_alarming(flags) and flags[-1]:
            alert, is_new = raise_alert(tx, actor, _describe(monitor, window, kind))
            opened += [alert] if is_new else []
        elif rules.has_recovered(flags):
            clear_alert(tx, actor, monitor.project, monitor.endpoint, kind, monitor_id=monitor.id)
    clear_alert(
        tx, actor, monitor.project, monitor.endpoint, AlertKind.STALE_MONITOR,
        monitor_id=monitor.id,
    )  # fmt: skip
    return opened


def _describe(monitor: Monitor, window: MonitorWindow, kind: AlertKind) -> Cause:
    drift, performance = window.drift, window.performance
    assert drift is not None
    assert performance is not None
    return Cause(
        project=monitor.project,
        endpoint=monitor.endpoint,
        kind=kind,
        summary=_summary(monitor, drift, window, kind),
        facts={
            "monitor": monitor.name,
            "p_value": drift.p_value,
            "auc": drift.auc,
            "drifted": [feature.name for feature in drift.features[:3]],
            "estimated_accuracy": performance.value,
            "estimated_low": performance.low,
            "estimated_high": performance.high,
            "reference_accuracy": performance.reference,
            "num_requests": window.num_requests,
            "model_digest": window.model_digest,
        },
        monitor_id=monitor.id,
        window_id=window.id,
    )


def _summary(monitor: Monitor, drift: DriftResult, window: MonitorWindow, kind: AlertKind) -> str:
    performance = window.performance
    assert performance is not None
    accuracy = (
        f"estimated accuracy {performance.value:.0%} ({performance.low:.0%} to "
        f"{performance.high:.0%}; {performance.reference:.0%} on the reference)"
    )
    if kind == AlertKind.PERFORMANCE:
        return f"Accuracy of endpoint '{monitor.endpoint}' fell: {accuracy}."
    names = ", ".join(feature.name for feature in drift.features[:3])
    return (
        f"Images at endpoint '{monitor.endpoint}' drifted (p = {drift.p_value:.1g}, AUC "
        f"{drift.auc:.2f}), most in {names}; {accuracy}."
    )


def _find_same(tx: Transaction, monitor: Monitor, taken: LogWindow) -> MonitorWindow | None:
    return monitor_store.find_window(
        tx,
        monitor_id=monitor.id,
        model_digest=taken.model_digest,
        last_request_id=taken.request_ids[-1],
    )


def _empty_window(monitor: Monitor) -> MonitorWindow:
    return MonitorWindow(
        id=new_id("window"),
        monitor_id=monitor.id,
        project=monitor.project,
        endpoint=monitor.endpoint,
        deployment=monitor.deployment or "",
        model_digest="",
        state=WindowState.INSUFFICIENT_DATA,
        num_requests=0,
        num_images=0,
        num_duplicates=0,
        first_request_at=None,
        last_request_at=None,
        last_request_id=None,
        drift=None,
        performance=None,
        created_at=utc_now(),
    )


def _publish(tx: Transaction, actor: Actor, monitor: Monitor, window: MonitorWindow) -> None:
    publish(
        tx,
        type="visionloop.monitor_window.evaluated",
        project=monitor.project,
        subject=f"monitor/{monitor.name}",
        actor=actor,
        data={
            "window_id": window.id,
            "state": window.state.value,
            "num_images": window.num_images,
            "num_requests": window.num_requests,
            "p_value": window.drift.p_value if window.drift else None,
            "estimated_accuracy": window.performance.value if window.performance else None,
        },
    )
