"""What a client asks about the server itself, and the answer to what it does not speak."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse, PlainTextResponse

from visionloop.api.mlflow.protocol import mlflow_router

MLFLOW_VERSION = "3.17.0"
"""The version of MLflow's wire that is spoken."""

router = mlflow_router("")
rest = mlflow_router("")


@router.get("/version")
def get_version(project: str) -> Response:
    """Tell which version of the wire is spoken."""
    return PlainTextResponse(MLFLOW_VERSION, headers={"X-Visionloop-Project": project})


@router.get("/health")
def get_health(project: str) -> Response:
    """Tell that the server answers."""
    return PlainTextResponse("OK", headers={"X-Visionloop-Project": project})


@router.get("/api/3.0/mlflow/server-info")
def get_server_info(project: str) -> dict[str, Any]:
    """Tell which optional parts of the wire are spoken."""
    return {
        "store_type": "visionloop",
        "project": project,
        "workspaces_enabled": False,
        "trace_archival_enabled": False,
        "multipart_uploads_enabled": False,
        "multipart_downloads_enabled": False,
    }


@rest.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def answer_unknown(project: str, path: str) -> Response:
    """Say that a call of MLflow is not one that this server knows."""
    message = (
        f"Visionloop does not speak /{path}. It speaks experiments, runs, metrics, params, tags, "
        "artifacts, logged models, registered models, versions and aliases; traces, prompts, "
        f"evaluation data sets and stages are not kept. Project: {project!r}."
    )
    return JSONResponse({"error_code": "ENDPOINT_NOT_FOUND", "message": message}, status_code=404)
