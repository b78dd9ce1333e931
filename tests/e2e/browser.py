"""A real browser in front of a real server: people, projects and what pages must not do."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect

import visionloop
from visionloop.cli.local_server import local_server
from visionloop.client.http import Client
from visionloop.data.rendered.sets import GROUP_BY, write_classification_set, write_scene_set

PASSWORD = "correct-horse"
CLASSES = ("washer", "bolt", "nut", "gear")
WIDE, NARROW = (1440, 900), (1024, 768)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_ROLES = {"lena": "labeler", "dario": "data_scientist", "ines": "infra"}
_CONSOLE = Path(visionloop.__file__).parent / "api" / "static" / "index.html"

# A busy machine draws late; what never comes still fails.
_PATIENCE_MS = 30_000
expect.set_options(timeout=_PATIENCE_MS)

Visit = Callable[..., Page]
"""Open a page as a user: ``visit("lena", "/labeling", project="parts")``."""


def find_chromium() -> str:
    """Return the system's browser; skips where it, or the built console, is absent."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None or not _CONSOLE.is_file():
        what = "Chromium is not installed" if found is None else "the console is not built"
        pytest.skip(f"left out: {what}")
    return found


class Server:
    """A control plane in a process of its own, with a client of its administrator."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._opened = ExitStack()
        self.admin = self.start()

    def start(self) -> Client:
        """Start it, again after :meth:`kill`, at the same address."""
        client = self._opened.enter_context(local_server(self.home, self.port))
        return self._opened.enter_context(client)

    def close(self) -> None:
        self._opened.close()

    def kill(self) -> None:
        """End the control plane as a power cut would, and wait until it is gone."""
        holder = (self.home / "control-plane.lock").read_text()
        found = re.search(r"process (\d+)", holder)
        assert found is not None, holder
        os.kill(int(found[1]), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while _answers(self.port) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not _answers(self.port)


@dataclass
class Visitors:
    """Opens pages in contexts of their own and notes every complaint of the browser."""

    browser: Browser
    server: Server
    complaints: list[str] = field(default_factory=list)
    pending: set[Request] = field(default_factory=set)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def visit(
        self,
        user: str | None,
        path: str = "",
        *,
        project: str = "parts",
        size: tuple[int, int] = WIDE,
        scheme: str = "light",
    ) -> Page:
        """Open an address of a project as a user, or as nobody."""
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        context.set_default_timeout(_PATIENCE_MS)
        self._contexts.append(context)
        if user is not None:
            token = self.server.admin.post("/tokens", json={"name": "test", "user": user})
            cookie = {"name": "visionloop_session", "value": token["secret"]}
            context.add_cookies([cookie | {"url": self.server.url}])
        page = context.new_page()
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.on("response", self._note_response)
        page.on("request", self._note_request)
        page.on("requestfinished", self._note_end)
        page.on("requestfailed", self._note_end)
        page.goto(self.server.url + (f"/projects/{project}{path}" if user else path or "/"))
        return page

    def settle(self, page: Page) -> None:
        """Wait until everything that was asked for has arrived and is drawn."""
        expect(page.locator(".mantine-Skeleton-root, .mantine-Loader-root")).to_have_count(0)
        deadline = time.monotonic() + 10
        while self.pending and time.monotonic() < deadline:
            page.wait_for_timeout(20)
        assert not self.pending, [request.url for request in self.pending]

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)

    def _note_request(self, request: Request) -> None:
        self.pending.add(request)

    def _note_end(self, request: Request) -> None:
        self.pending.discard(request)

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")


def apply_project(admin: Client, name: str, task: str, **values: Any) -> None:
    """Declare a project with classes and people."""
    users = [{"name": user, "roles": {"dev": [role]}} for user, role in _ROLES.items()]
    spec = {"project": name, "task": task, "labels": list(CLASSES), "users": users} | values
    admin.post("/spec/apply", json={"content": yaml.safe_dump(spec, sort_keys=False)})


def ingest(admin: Client, project: str, folder: Path, *, format: str) -> None:
    """Read a folder into a project and wait until it is in."""
    group_by = GROUP_BY if format == "class_folders" else "none"
    body = {"folder": str(folder.resolve()), "format": format, "group_by": group_by}
    job = admin.post(f"/projects/{project}/ingests", json=body)
    done = admin.wait_for_job(job["job_id"], timeout_s=60)
    assert done["state"] == "succeeded", done


def ingest_parts(admin: Client, folder: Path, *, num_images: int, seed: int = 1) -> None:
    """Put labeled photos of single parts into the project ``parts``."""
    write_classification_set(folder, camera="line-A", num_images=num_images, seed=seed)
    ingest(admin, "parts", folder, format="class_folders")


def ingest_scenes(admin: Client, folder: Path, *, num_images: int, seed: int = 1) -> None:
    """Put scenes with imported boxes into the project ``scenes``."""
    write_scene_set(folder, camera="line-A", num_images=num_images, seed=seed)
    ingest(admin, "scenes", folder, format="coco")


def saving(page: Page, act: Callable[[], object]) -> None:
    """Do something that changes labels; return once the page says that they are saved."""
    with page.expect_response(lambda answer: answer.url.endswith("/labels") and answer.ok):
        act()
    expect_saved(page)


def expect_saved(page: Page) -> None:
    """Wait until the page says that nothing is left to save."""
    saved = page.get_by_role("status").get_by_text("Saved", exact=True)
    expect(saved).to_be_visible()


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
