"""How far the labeling is."""

from __future__ import annotations

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.kernel.clock import utc_now
from visionloop.labeling import rules
from visionloop.labeling.entities import Progress
from visionloop.labeling.store import figures as figure_store
from visionloop.storage.database import Database


def get_progress(
    database: Database, actor: Actor, project: str, *, queue: str | None = None
) -> Progress:
    """Return counts, pace by labeler and a forecast, for one queue or all of them."""
    require(actor, Permission.READ, project)
    with database.read() as tx:
        figures = figure_store.list_figures(tx, project, queue)
    return rules.measure_progress(figures, utc_now(), queue=queue)
