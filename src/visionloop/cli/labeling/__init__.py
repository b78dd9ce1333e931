"""Labeling on the command line."""

from __future__ import annotations

from visionloop.cli.labeling import exchange, reviews  # noqa: F401  add their commands
from visionloop.cli.labeling.assistance import active_app
from visionloop.cli.labeling.projects import app as projects_app
from visionloop.cli.labeling.projects import batch_app
from visionloop.cli.labeling.quality import gold_app
from visionloop.cli.labeling.schema import app as schema_app
from visionloop.cli.labeling.tasks import app

__all__ = ["app"]

app.add_typer(projects_app, name="project")
app.add_typer(batch_app, name="batch")
app.add_typer(schema_app, name="schema")
app.add_typer(gold_app, name="gold")
app.add_typer(active_app, name="active")
