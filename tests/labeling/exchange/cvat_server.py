"""A server that answers as CVAT's REST API is documented, for one task; real HTTP on loopback.

Written from the public documentation of the endpoints tasks, data, labels, annotations, requests.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "cvat-token"


@dataclass
class CvatTask:
    """What the server knows."""

    labels: list[str]
    frames: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    next_id: int = 1
    version: int = 0

    def create(self, key: str, items: list[dict[str, Any]]) -> None:
        """Store what a PATCH with action=create sends."""
        for item in items:
            getattr(self, key).append({**item, "id": self.next_id, "source": "manual"})
            self.next_id += 1
        self.version += 1


class _Handler(BaseHTTPRequestHandler):
    """Answers for the task of its subclass."""

    task: CvatTask
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self.headers["Authorization"] != f"Token {TOKEN}":
            return self._answer(401, {"detail": "Invalid token."})
        if path == "/api/tasks/7":
            return self._answer(200, {"id": 7, "size": len(self.task.frames), "mode": "annotation"})
        if path == "/api/tasks/7/data/meta":
            return self._answer(200, {"size": len(self.task.frames), "frames": self.task.frames})
        if path == "/api/labels":
            results = [
                {"id": i + 1, "name": name, "attributes": [], "type": "any"}
                for i, name in enumerate(self.task.labels)
            ]
            return self._answer(200, {"count": len(results), "next": None, "results": results})
        if path == "/api/tasks/7/annotations":
            body = {"version": self.task.version, "tracks": []}
            return self._answer(200, body | {"tags": self.task.tags, "shapes": self.task.shapes})
        if path.startswith("/api/requests/"):
            return self._answer(200, {"id": "r1", "status": "finished", "message": ""})
        return self._answer(404, {"detail": "Not found."})

    def do_POST(self) -> None:
        data = self._read()
        if "Upload-Multiple" in self.headers:
            self.task.uploads += re.findall(r'filename="([^"]+)"', data.decode("latin-1"))
        if "Upload-Finish" in self.headers:
            self.task.frames += [
                {"name": name, "width": 32, "height": 32} for name in self.task.uploads
            ]
            return self._answer(202, {"rq_id": "r1"})
        return self._answer(200, {})

    def do_PATCH(self) -> None:
        body = json.loads(self._read())
        action = parse_qs(urlsplit(self.path).query)["action"][0]
        for key in ("tags", "shapes"):
            if action == "create":
                self.task.create(key, body[key])
            else:
                gone = {item["id"] for item in body[key]}
                kept = [item for item in getattr(self.task, key) if item["id"] not in gone]
                setattr(self.task, key, kept)
        return self._answer(200, body)

    def _read(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def running_cvat(task: CvatTask) -> Iterator[str]:
    """Serve one task with the number 7 and yield the address."""
    handler = type("Handler", (_Handler,), {"task": task})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
