"""Labeling on the command line."""

from __future__ import annotations

from visionloop.cli.labeling.schema import app as schema_app
from visionloop.cli.labeling.tasks import app

__all__ = ["app"]

app.add_typer(schema_app, name="schema")
