"""Every part of MLflow's wire, in the order in which paths are tried."""

from __future__ import annotations

from visionloop.api.mlflow import (
    artifacts,
    experiments,
    logged_models,
    registry,
    runs,
    server,
)

ROUTERS = (
    server.router,
    experiments.router,
    runs.router,
    artifacts.router,
    logged_models.router,
    registry.router,
    server.rest,
)
