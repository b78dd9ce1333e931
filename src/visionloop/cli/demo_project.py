"""What the demo leaves to look at besides the drill: work for a labeler, and logins."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from visionloop.client.http import Client

_PEOPLE = {
    "admin": "everything",
    "lena": "labeler: try Labeling, there are boxes to draw",
    "dario": "data scientist: runs, reports, reviews",
    "aki": "approver: promotions",
    "ines": "infra: endpoints, proposals",
}
_SCENES = "conveyor"
_NUM_LABELED_SCENES = 24
_NUM_OPEN_SCENES = 12


def show_around(admin: Client, home: Path) -> None:
    """Set up a second project with scenes of many parts: some labeled, some for the visitor."""
    if any(project["name"] == _SCENES for project in admin.get("/projects")["items"]):
        return
    from visionloop.data.rendered.sets import write_scene_set

    labeled, fresh = home / "photos" / "scenes", home / "photos" / "new-scenes"
    write_scene_set(labeled, camera="line-A", num_images=_NUM_LABELED_SCENES, seed=7)
    write_scene_set(fresh, camera="line-B", num_images=_NUM_OPEN_SCENES, seed=8)
    admin.post("/spec/apply", json={"content": _scene_spec()})
    _ingest(admin, {"folder": str(labeled.resolve()), "format": "coco"})
    _ingest(admin, {"folder": str((fresh / "images").resolve()), "format": "images"})
    body = {"annotation_status": "unlabeled", "assignee": "lena"}
    admin.post(f"/projects/{_SCENES}/labeling/tasks", json=body)


def logins(admin: Client, home: Path) -> list[tuple[str, str, str]]:
    """Return (name, password, what to look at) of everybody; the demo keeps them in its home."""
    path = home / "demo-logins.json"
    if not path.is_file():
        from visionloop.kernel.digests import write_atomically

        known = {user["name"] for user in admin.get("/users")["items"]}
        passwords = {name: secrets.token_urlsafe(8) for name in _PEOPLE if name in known}
        for name, password in passwords.items():
            admin.put(f"/users/{name}/password", json={"password": password})
        write_atomically(path, json.dumps(passwords).encode(), mode=0o600)
    saved: dict[str, str] = json.loads(path.read_text())
    return [(name, password, _PEOPLE[name]) for name, password in saved.items()]


def _ingest(admin: Client, body: dict[str, Any]) -> None:
    job = admin.post(f"/projects/{_SCENES}/ingests", json=body)
    admin.wait_for_job(job["job_id"], timeout_s=120)


def _scene_spec() -> str:
    people = {"lena": ["labeler"], "dario": ["data_scientist"], "ines": ["infra"]}
    spec = {
        "project": _SCENES,
        "task": "detection",
        "description": "Where the parts lie on the belt: boxes for a picking robot.",
        "labels": ["bolt", "gear", "nut", "washer"],
        "users": [{"name": name, "roles": {"dev": roles}} for name, roles in people.items()],
    }
    return yaml.safe_dump(spec, sort_keys=False)
