"""Outline an object of an image from a box or a few clicks."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.projects import get_project
from visionloop.data.images import read_image_content
from visionloop.data.imaging import decode_image
from visionloop.kernel.geometry import polygon_bounds
from visionloop.labeling.agreement.merging import trace
from visionloop.labeling.segmentation.entities import Outline, SegmentPrompt
from visionloop.labeling.segmentation.errors import PromptInvalid, RuntimeUnknown
from visionloop.labeling.segmentation.ports import OpenSegmenter, Segmenter
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database

DEFAULT_RUNTIME = "grabcut"
_BORDER = 1


class Segmenters:
    """The segmentation runtimes of an installation, opened when first needed.

    Args:
        runtimes: name to what opens it; built-ins and plugins.
    """

    def __init__(self, runtimes: Mapping[str, OpenSegmenter]) -> None:
        self._runtimes = runtimes
        self._opened: dict[str, Segmenter] = {}
        self._lock = threading.Lock()

    def get(self, settings: Mapping[str, Any]) -> tuple[str, Segmenter]:
        """Return the runtime that project settings name under ``labeling.segmenter``.

        Raises:
            RuntimeUnknown: No plugin has this name.
            SegmenterUnusable: Its model does not load.
        """
        labeling = settings.get("labeling")
        chosen = labeling.get("segmenter") if isinstance(labeling, Mapping) else None
        options = dict(chosen) if isinstance(chosen, Mapping) else {}
        name = str(options.pop("runtime", DEFAULT_RUNTIME))
        if name not in self._runtimes:
            raise RuntimeUnknown(name, list(self._runtimes))
        key = f"{name} {sorted(options.items())}"
        with self._lock:
            if key not in self._opened:
                self._opened[key] = self._runtimes[name](options)
            return name, self._opened[key]


def segment_image(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    image_id: str,
    *,
    prompt: SegmentPrompt,
    segmenters: Segmenters,
) -> Outline:
    """Return the outline of what a person points at; nothing is saved.

    Raises:
        ImageNotFound: The project has no such image.
        PromptInvalid: Nothing in the image was pointed at.
        RuntimeUnknown, SegmenterUnusable: The project's runtime does not work.
    """
    require(actor, Permission.LABEL, project)
    name, segmenter = segmenters.get(get_project(database, project).settings)
    content = read_image_content(database, blobs, actor, project, image_id)
    _check_prompt(prompt, content.image.width, content.image.height)
    started = time.perf_counter()
    sure, window = segmenter.segment(decode_image(content.data), prompt, key=image_id)
    height, width = sure.shape
    step_x, step_y = (window[2] - window[0]) / width, (window[3] - window[1]) / height
    # A border of nothing closes outlines that touch the window.
    padded = np.pad(sure, _BORDER)
    around = (
        window[0] - step_x * _BORDER,
        window[1] - step_y * _BORDER,
        window[2] + step_x * _BORDER,
        window[3] + step_y * _BORDER,
    )
    size = content.image.width, content.image.height
    rings = [_flatten(ring, size) for ring in trace(padded, around)]
    points = [(ring[i], ring[i + 1]) for ring in rings for i in range(0, len(ring), 2)]
    return Outline(
        polygons=tuple(rings),
        bbox=polygon_bounds(points) if points else None,
        runtime=name,
        seconds=time.perf_counter() - started,
    )


def _flatten(ring: list[Any], size: tuple[int, int]) -> tuple[float, ...]:
    clipped = [np.clip(point, 0, size) for point in ring]
    return tuple(round(float(value), 2) for point in clipped for value in point)


def _check_prompt(prompt: SegmentPrompt, width: int, height: int) -> None:
    if prompt.box is None and not prompt.inside:
        raise PromptInvalid("give a box around the object, or a place on it")
    points = [*prompt.inside, *prompt.outside]
    if any(not (0 <= x <= width and 0 <= y <= height) for x, y in points):
        raise PromptInvalid(f"a place lies outside the {width} x {height} image")
    if prompt.box is not None:
        x1, y1, x2, y2 = prompt.box
        if not (0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height) or min(x2 - x1, y2 - y1) < 2:
            raise PromptInvalid(
                f"the box {prompt.box} is no box inside the {width} x {height} image"
            )
