"""Serves the console, which is built into the wheel as static files."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response

_FOLDER = Path(__file__).parent / "static"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_FOREVER = "public, max-age=31536000, immutable"


def install_console(app: FastAPI) -> None:
    """Serve the console's files, and its first page for every other path outside the API."""

    @app.get("/{path:path}", include_in_schema=False)
    def console(path: str) -> Response:
        if path.startswith("api/"):
            return PlainTextResponse("There is no such API path.", status_code=404)
        file = (_FOLDER / path).resolve()
        if path and file.is_file() and file.is_relative_to(_FOLDER):
            cache = _FOREVER if path.startswith("assets/") else "no-cache"
            return FileResponse(file, headers=_HEADERS | {"Cache-Control": cache})
        index = _FOLDER / "index.html"
        if not index.is_file():
            return PlainTextResponse(
                "The console is not built. Run 'make console', or use the REST API at /api/docs.",
                status_code=404,
            )
        return FileResponse(index, headers=_HEADERS | {"Cache-Control": "no-cache"})
