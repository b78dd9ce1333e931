"""CVAT over its REST API: one task there holds our images as frames."""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats import masks
from visionloop.labeling.exchange.entities import OutgoingImage, RemoteImage
from visionloop.labeling.exchange.errors import ExchangeFailed
from visionloop.labeling.exchange.http import RestConnection
from visionloop.labeling.exchange.ports import ExchangeOptions

_OUR_NAME: Final = re.compile(r"([0-9a-f]{64})")
_POLL_S: Final = 0.5
_DEADLINE_S: Final = 300.0


class Cvat:
    """Implements :class:`visionloop.labeling.exchange.ports.LabelExchange`.

    A task of CVAT takes its images once; an exchange sends them while the task has none.

    Args:
        options: address, token and number of the task there.
    """

    def __init__(self, options: ExchangeOptions) -> None:
        self._task = options.remote_project
        self._connection = RestConnection(
            options.url, {"Authorization": f"Token {options.token}", "Accept": "application/json"}
        )
        self._url = options.url

    def list_images(self) -> list[RemoteImage]:
        """Return the frames whose file is one of ours, with their labels."""
        frames = self._frames()
        if not frames:
            return []
        labels = {label["id"]: label for label in self._labels()}
        annotations = self._connection.request("GET", f"/api/tasks/{self._task}/annotations")
        found = []
        for number, frame in enumerate(frames):
            match = _OUR_NAME.search(PurePosixPath(frame["name"]).name)
            if match is None:
                continue
            own = [
                item
                for key in ("tags", "shapes")
                for item in annotations.get(key) or ()
                if item["frame"] == number
            ]
            size = int(frame["height"]), int(frame["width"])
            drafts = [draft for item in own if (draft := _draft(item, labels, size)) is not None]
            stamp = "" if not own else _stamp(own)
            found.append(RemoteImage(match.group(1), str(number), stamp, tuple(drafts)))
        return found

    def send_images(self, images: Sequence[OutgoingImage]) -> None:
        """Upload files into the empty task and wait until CVAT has taken them.

        Raises:
            ExchangeFailed: The task has images already, or CVAT could not read them.
        """
        if self._frames():
            reason = f"task {self._task} has its images; make a new task for {len(images)} more"
            raise ExchangeFailed(self._url, reason)
        path = f"/api/tasks/{self._task}/data/"
        self._connection.request("POST", path, headers={"Upload-Start": "true"})
        for image in images:
            files = {"client_files[0]": (image.file_name, image.data or b"", "image/jpeg")}
            self._connection.request(
                "POST", path, headers={"Upload-Multiple": "true"}, files=files,
                data={"image_quality": 95},
            )  # fmt: skip
        answer = self._connection.request(
            "POST", path, headers={"Upload-Finish": "true"},
            json={"image_quality": 95, "sorting_method": "predefined"},
        )  # fmt: skip
        self._wait(str((answer or {}).get("rq_id", "")))

    def write_labels(self, remote: RemoteImage, image: OutgoingImage) -> None:
        """Replace what one frame holds; other frames keep theirs."""
        path = f"/api/tasks/{self._task}/annotations"
        before = self._connection.request("GET", path)
        frame = int(remote.remote_id)
        gone = {
            key: [item for item in before.get(key) or () if item["frame"] == frame]
            for key in ("tags", "shapes")
        }
        if any(gone.values()):
            body = gone | {"tracks": [], "version": before.get("version", 0)}
            self._connection.request("PATCH", path, params={"action": "delete"}, json=body)
        ids = {label["name"]: label["id"] for label in self._labels()}
        made: dict[str, list[dict[str, Any]]] = {"tags": [], "shapes": []}
        for draft in image.annotations:
            if draft.category not in ids:
                raise ExchangeFailed(
                    self._url, f"task {self._task} has no label {draft.category!r}"
                )
            item = {"frame": frame, "label_id": ids[draft.category], "group": 0, "attributes": []}
            if draft.kind == "class":
                made["tags"].append(item)
                continue
            # A polygon there has one part; parts of one object share a group.
            parts = _split(draft)
            group = len(made["shapes"]) + 1 if len(parts) > 1 else 0
            made["shapes"] += [item | {"group": group} | _shape(part) for part in parts]
        body = made | {"tracks": [], "version": before.get("version", 0)}
        self._connection.request("PATCH", path, params={"action": "create"}, json=body)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def _frames(self) -> list[Mapping[str, Any]]:
        task = self._connection.request("GET", f"/api/tasks/{self._task}")
        if not task.get("size"):
            return []
        meta = self._connection.request("GET", f"/api/tasks/{self._task}/data/meta")
        return list(meta["frames"])

    def _labels(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        page = 1
        while True:
            answer = self._connection.request(
                "GET",
                "/api/labels",
                params={"task_id": self._task, "page_size": 100, "page": page},
            )
            found += answer["results"]
            if not answer.get("next"):
                return found
            page += 1

    def _wait(self, request_id: str) -> None:
        deadline = time.monotonic() + _DEADLINE_S
        while request_id:
            state = self._connection.request("GET", f"/api/requests/{request_id}")
            if state["status"] == "finished":
                return
            if state["status"] == "failed" or time.monotonic() > deadline:
                reason = f"CVAT could not take the images ({state.get('message')})"
                raise ExchangeFailed(self._url, reason)
            time.sleep(_POLL_S)


def _draft(
    item: Mapping[str, Any], labels: Mapping[int, Mapping[str, Any]], size: tuple[int, int]
) -> AnnotationDraft | None:
    label = labels.get(item["label_id"])
    if label is None:
        return None
    names = {spec["id"]: spec["name"] for spec in label.get("attributes") or ()}
    facts: dict[str, Any] = {
        "category": str(label["name"]),
        "attributes": {
            names[value["spec_id"]]: value["value"]
            for value in item.get("attributes") or ()
            if value["spec_id"] in names
        },
        "source": "import",
        "author": "cvat",
        "external_id": None if item.get("id") is None else str(item["id"]),
    }
    if "type" not in item:
        return AnnotationDraft(kind="class", **facts)
    geometry = _geometry(str(item["type"]), item, size)
    return None if geometry is None else AnnotationDraft(**facts, **geometry)


def _geometry(kind: str, item: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any] | None:
    points = [float(value) for value in item.get("points") or ()]
    if kind == "rectangle":
        x1, y1, x2, y2 = points
        if not item.get("rotation"):
            return {"kind": "box", "bbox": (x1, y1, x2, y2)}
        return {"kind": "rotated_box", "segmentation": [_turn(points, float(item["rotation"]))]}
    if kind in ("polygon", "polyline"):
        return {"kind": kind, "segmentation": [points]}
    if kind == "points":
        pairs = zip(points[::2], points[1::2], strict=True)
        return {"kind": "keypoints", "keypoints": [[x, y, 2] for x, y in pairs]}
    if kind == "mask":
        return {"kind": "mask", "segmentation": _read_mask(points, size)}
    return None


def _turn(points: Sequence[float], degrees: float) -> list[float]:
    x1, y1, x2, y2 = points
    cx, cy, angle = (x1 + x2) / 2, (y1 + y2) / 2, math.radians(degrees)
    corners = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    turned = [
        (
            cx + (x - cx) * math.cos(angle) - (y - cy) * math.sin(angle),
            cy + (x - cx) * math.sin(angle) + (y - cy) * math.cos(angle),
        )
        for x, y in corners
    ]
    return [value for point in turned for value in point]


def _read_mask(points: Sequence[float], size: tuple[int, int]) -> dict[str, Any]:
    """Read CVAT's mask: row-wise runs inside a box, whose corners are the last four numbers."""
    left, top, right, bottom = (int(value) for value in points[-4:])
    runs = [int(value) for value in points[:-4]]
    values = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    pixels = np.zeros(size, dtype=bool)
    pixels[top : bottom + 1, left : right + 1] = values.reshape(bottom - top + 1, right - left + 1)
    return masks.encode(pixels)


def _split(draft: AnnotationDraft) -> list[AnnotationDraft]:
    if draft.kind not in ("polygon", "polyline") or not isinstance(draft.segmentation, list):
        return [draft]
    return [replace(draft, segmentation=[part]) for part in draft.segmentation]


def _shape(draft: AnnotationDraft) -> dict[str, Any]:
    shape: dict[str, Any] = {"occluded": False, "outside": False, "z_order": 0, "rotation": 0}
    if draft.kind == "box" and draft.bbox is not None:
        return shape | {"type": "rectangle", "points": list(draft.bbox)}
    if draft.kind == "mask" and isinstance(draft.segmentation, dict):
        return shape | {"type": "mask", "points": _write_mask(draft.segmentation)}
    if draft.kind == "keypoints":
        points = [value for x, y, seen in draft.keypoints or () if seen > 0 for value in (x, y)]
        return shape | {"type": "points", "points": points}
    parts = draft.segmentation if isinstance(draft.segmentation, list) else []
    if draft.kind == "rotated_box":
        return shape | _unturn(parts[0])
    kind = "polyline" if draft.kind == "polyline" else "polygon"
    return shape | {"type": kind, "points": list(parts[0])}


def _unturn(ring: Sequence[float]) -> dict[str, Any]:
    xs, ys = ring[::2], ring[1::2]
    cx, cy = sum(xs) / 4, sum(ys) / 4
    width = math.hypot(xs[1] - xs[0], ys[1] - ys[0])
    height = math.hypot(xs[2] - xs[1], ys[2] - ys[1])
    angle = math.degrees(math.atan2(ys[1] - ys[0], xs[1] - xs[0])) % 360
    points = [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]
    return {"type": "rectangle", "points": points, "rotation": angle}


def _write_mask(rle: Mapping[str, Any]) -> list[int]:
    pixels = masks.decode(rle)
    box = masks.bounds(rle)
    if box is None:
        return [0, 0, 0, 0]
    left, top, right, bottom = (int(value) for value in box)
    inside = pixels[top:bottom, left:right].reshape(-1)
    return [*masks.runs(inside), left, top, right - 1, bottom - 1]


def _stamp(items: Sequence[Mapping[str, Any]]) -> str:
    """Return a digest of what a frame holds; CVAT keeps no time of change for a frame."""
    text = json.dumps([dict(item) for item in items], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def open_cvat(options: ExchangeOptions) -> Cvat:
    """Open a task of a CVAT server.

    Raises:
        ExchangeFailed: The task is no number.
    """
    if not options.remote_project.isdigit():
        raise ExchangeFailed(options.url, f"{options.remote_project!r} is no task number")
    return Cvat(options)
