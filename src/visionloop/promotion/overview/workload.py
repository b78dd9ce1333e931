"""How much work waits and runs, over all projects, for the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from visionloop.admin.entities import SYSTEM
from visionloop.admin.projects import list_projects
from visionloop.compute.jobs import list_jobs
from visionloop.labeling.progress import get_progress
from visionloop.monitoring.alerts import list_alerts
from visionloop.monitoring.entities import AlertState
from visionloop.promotion.pipelines import list_pipelines
from visionloop.storage.database import Database

Counts = Mapping[tuple[str, str], int]


def count_workload(database: Database) -> dict[str, tuple[str, str, Counts]]:
    """Return name -> (help, label name, (project, label value) -> count)."""
    jobs: Counter[tuple[str, str]] = Counter()
    tasks: Counter[tuple[str, str]] = Counter()
    alerts: Counter[tuple[str, str]] = Counter()
    pipelines: Counter[tuple[str, str]] = Counter()
    for project in list_projects(database, SYSTEM):
        name = project.name
        for job in list_jobs(database, SYSTEM, name, limit=1000):
            jobs[name, job.state.value] += 1
        for state, count in get_progress(database, SYSTEM, name).by_state.items():
            tasks[name, str(state)] += count
        found, _ = list_alerts(database, SYSTEM, name, state=AlertState.OPEN, limit=1000)
        for alert in found:
            alerts[name, alert.kind.value] += 1
        for pipeline in list_pipelines(database, SYSTEM, name, limit=1000)[0]:
            pipelines[name, pipeline.state.value] += 1
    return {
        "jobs": ("The newest 1000 jobs by state.", "state", jobs),
        "label_tasks": ("Labeling tasks by state.", "state", tasks),
        "open_alerts": ("Open alerts by kind.", "kind", alerts),
        "promotions": ("The newest 1000 promotions by state.", "state", pipelines),
    }
