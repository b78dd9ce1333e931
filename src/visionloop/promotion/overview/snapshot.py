"""Reading everything that the home page draws."""

from __future__ import annotations

from visionloop.admin.entities import Actor, ProposalState
from visionloop.admin.events import list_events
from visionloop.admin.proposals import list_proposals
from visionloop.admin.users import list_users
from visionloop.compute.jobs import list_jobs
from visionloop.data.datastores import list_datastores
from visionloop.data.images import data_summary
from visionloop.labeling.entities import REVIEW_QUEUE
from visionloop.labeling.progress import get_progress
from visionloop.monitoring.alerts import list_alerts
from visionloop.monitoring.entities import AlertState, MonitorWindow
from visionloop.monitoring.monitors import list_monitors
from visionloop.monitoring.windows import list_windows
from visionloop.promotion.overview.elements import draw_elements, draw_running
from visionloop.promotion.overview.entities import Overview, Snapshot
from visionloop.promotion.pipelines import list_pipelines
from visionloop.registry.versions import list_models
from visionloop.serving.endpoints import list_endpoints
from visionloop.serving.entities import Endpoint
from visionloop.serving.files import endpoint_folder
from visionloop.serving.processes import running_process
from visionloop.storage.database import Database
from visionloop.storage.home import Home
from visionloop.training.experiments import list_runs

_NUM_EVENTS = 12
_DONE = ("accepted", "skipped")


def get_overview(database: Database, home: Home, actor: Actor, project: str) -> Overview:
    """Return the state of all ten elements, what runs now and the latest events."""
    snapshot = take_snapshot(database, home, actor, project)
    return Overview(
        elements=draw_elements(snapshot),
        running=draw_running(snapshot),
        recent_events=snapshot.events,
    )


def take_snapshot(database: Database, home: Home, actor: Actor, project: str) -> Snapshot:
    """Read what the boxes are drawn from; endpoints are not asked, so a dead one delays nothing."""
    endpoints = list_endpoints(database, actor, project)
    runs, num_runs = list_runs(database, actor, project, limit=10)
    alerts, _ = list_alerts(database, actor, project, limit=50)
    review = get_progress(database, actor, project, queue=REVIEW_QUEUE)
    return Snapshot(
        data=data_summary(database, actor, project),
        num_members=len(list_users(database, actor, project)),
        num_datastores=len(list_datastores(database, actor, project)),
        proposals=tuple(list_proposals(database, actor, project, ProposalState.OPEN)),
        labeling=get_progress(database, actor, project),
        open_reviews=review.total - sum(review.by_state.get(state, 0) for state in _DONE),
        runs=tuple(runs),
        num_runs=num_runs,
        models=tuple(list_models(database, actor, project)),
        pipelines=tuple(list_pipelines(database, actor, project, limit=10)[0]),
        endpoints=tuple(endpoints),
        jobs=tuple(list_jobs(database, actor, project, limit=20)),
        alerts=tuple(alert for alert in alerts if alert.state is not AlertState.RESOLVED),
        events=tuple(list_events(database, actor, project, limit=_NUM_EVENTS, newest_first=True)),
        endpoint_states={endpoint.name: _state(home, endpoint) for endpoint in endpoints},
        windows={
            monitor.name: _newest_window(database, actor, project, monitor.name)
            for monitor in list_monitors(database, actor, project)
        },
    )


def _state(home: Home, endpoint: Endpoint) -> str:
    if endpoint.desired_state == "stopped":
        return "stopped"
    return "running" if running_process(endpoint_folder(home, endpoint.name)) else "down"


def _newest_window(
    database: Database, actor: Actor, project: str, monitor: str
) -> MonitorWindow | None:
    windows, _ = list_windows(database, actor, project, monitor, limit=1)
    return windows[0] if windows else None
