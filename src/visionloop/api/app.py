"""The control plane's ASGI application: REST API and console."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from visionloop import __version__
from visionloop.api.console import install_console
from visionloop.api.errors import PROBLEM_RESPONSES, install_error_handlers
from visionloop.api.metrics import install_metrics
from visionloop.api.mlflow.routers import ROUTERS as MLFLOW_ROUTERS
from visionloop.api.routes import ROUTERS
from visionloop.bootstrap import Application, create_application


def create_app(application: Application | None = None) -> FastAPI:
    """Build the application; its background work starts and stops with the server.

    Args:
        application: An opened installation; by default the one that the settings name.
    """
    opened = application or create_application()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # In a thread: starting waits for files and the database, and the durable engine refuses
        # to be started from an event loop.
        await asyncio.to_thread(opened.start)
        yield
        await asyncio.to_thread(opened.stop)

    app = FastAPI(
        title="Visionloop",
        version=__version__,
        summary="The whole computer-vision MLOps loop.",
        lifespan=lifespan,
        responses=PROBLEM_RESPONSES,
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.application = opened
    install_error_handlers(app)
    install_metrics(app, opened)
    for router in (*ROUTERS, *MLFLOW_ROUTERS):
        app.include_router(router)
    install_console(app)
    return app
