"""Writes the prediction log beside the requests, never in their way."""

from __future__ import annotations

import io
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from visionloop.data.hashing import dhash
from visionloop.data.imaging import decode_image
from visionloop.data.statistics import measure_image
from visionloop.kernel.digests import sha256_bytes
from visionloop.serving.configuration import LogSettings
from visionloop.serving.inference import Prediction
from visionloop.serving.records import encode_record
from visionloop.serving.rules import is_sampled
from visionloop.serving.spool import SPOOL_FOLDER, SpoolWriter

IMAGES_FOLDER = "images"
_BATCH = 16
_IDLE_S = 0.25
_MAX_WAITING_BYTES = 64 * 1024**2
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PendingRecord:
    """A scored image on its way to the log.

    Attributes:
        source: the bytes of the image file, or (H, W, 3) uint8 pixels that came as a tensor.
    """

    request_id: str
    endpoint: str
    deployment: str
    model_digest: str
    source: bytes | NDArray[np.uint8]
    prediction: Prediction
    total_ms: float
    metadata: dict[str, Any] = field(default_factory=dict)
    time: float = field(default_factory=time.time)

    @property
    def size_bytes(self) -> int:
        """What it holds in memory, nearly."""
        source = len(self.source) if isinstance(self.source, bytes) else self.source.nbytes
        pixels = self.prediction.pixels
        return source if pixels is None or pixels is self.source else source + pixels.nbytes

    def without_pixels(self) -> PendingRecord:
        """Return it without the decoded picture, which can be had again from the file."""
        return replace(self, prediction=replace(self.prediction, pixels=None))


class PredictionRecorder:
    """Measures scored images and appends them to the spool, in a background thread.

    Args:
        settings: Where to and how much.
        on_error: Told once about each failure to write, for the status page.
    """

    def __init__(
        self, settings: LogSettings, *, on_error: Callable[[str], None] | None = None
    ) -> None:
        self._settings = settings
        self._on_error = on_error or _log.error
        self._waiting: deque[PendingRecord] = deque()
        self._waiting_bytes = 0
        self._ready = threading.Condition(threading.Lock())
        self._closed = False
        self.num_dropped = 0
        self.num_written = 0
        self.num_images_stored = 0
        self._images_dir = Path(settings.dir) / IMAGES_FOLDER
        self._images_dir.mkdir(parents=True, exist_ok=True)
        self._images_bytes = sum(entry.stat().st_size for entry in os.scandir(self._images_dir))
        self._spool = SpoolWriter(
            Path(settings.dir) / SPOOL_FOLDER,
            rotate_bytes=settings.rotate_bytes,
            rotate_age_s=settings.rotate_age_s,
        )
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def num_waiting(self) -> int:
        """Records that are not written yet."""
        return len(self._waiting)

    def change_settings(self, settings: LogSettings) -> None:
        """Take another sample rate or image budget; the folder stays."""
        self._settings = settings

    def offer(self, record: PendingRecord) -> bool:
        """Queue a record; when too much waits, drop and count it. Never blocks."""
        with self._ready:
            if self._waiting_bytes + record.size_bytes > _MAX_WAITING_BYTES // 4:
                record = record.without_pixels()
            full = (
                len(self._waiting) >= self._settings.queue_size
                or self._waiting_bytes + record.size_bytes > _MAX_WAITING_BYTES
            )
            if full or self._closed:
                self.num_dropped += 1
                return False
            self._waiting.append(record)
            self._waiting_bytes += record.size_bytes
            self._ready.notify()
            return True

    def close(self, *, timeout_s: float = 10.0) -> None:
        """Write what waits, close the spool file and end the thread."""
        with self._ready:
            self._closed = True
            self._ready.notify()
        self._thread.join(timeout=timeout_s)

    def _run(self) -> None:
        while True:
            batch = self._take()
            if batch:
                self._write(batch)
            try:
                if self._closed and not self._waiting:
                    self._spool.rotate()
                    return
                self._spool.rotate_if_due()
            except OSError as error:
                self._on_error(f"the prediction log cannot be closed: {error}")
                if self._closed:
                    return

    def _take(self) -> list[PendingRecord]:
        with self._ready:
            if not self._waiting and not self._closed:
                self._ready.wait(timeout=_IDLE_S)
            size = min(_BATCH, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(size)]
            self._waiting_bytes -= sum(record.size_bytes for record in batch)
            return batch

    def _write(self, batch: list[PendingRecord]) -> None:
        lines = []
        for record in batch:
            try:
                lines.append(self._describe(record))
            except Exception as error:  # one strange image must not end the log
                self._count_drops(1, f"a record could not be made: {error!r}")
        try:
            self._spool.append(lines)
            self.num_written += len(lines)
        except OSError as error:
            self._count_drops(len(lines), f"the prediction log cannot be written: {error}")

    def _describe(self, record: PendingRecord) -> bytes:
        source = record.source
        content = source if isinstance(source, bytes) else b""
        pixels = record.prediction.pixels
        if pixels is None:
            pixels = source if not isinstance(source, bytes) else decode_image(source)
        image_id = sha256_bytes(content or pixels.tobytes())
        stored = False
        if is_sampled(image_id, self._settings.sample_rate):
            content = content or _encode_png(pixels)
            image_id = sha256_bytes(content)
            stored = self._store_image(image_id, content)
        prediction = record.prediction
        objects = {} if prediction.objects is None else {
            "objects": [item.to_dict() for item in prediction.objects]
        }  # fmt: skip
        return encode_record(
            objects
            | {
                "request_id": record.request_id,
                "time": datetime.fromtimestamp(record.time, UTC).isoformat(),
                "endpoint": record.endpoint,
                "deployment": record.deployment,
                "model_digest": record.model_digest,
                "image_id": image_id,
                "label": prediction.label,
                "score": round(prediction.score, 6),
                "dhash": dhash(pixels),
                "width": int(pixels.shape[1]),
                "height": int(pixels.shape[0]),
                "decode_ms": round(prediction.decode_ms, 3),
                "inference_ms": round(prediction.inference_ms, 3),
                "total_ms": round(record.total_ms, 3),
                "image_stored": stored,
                "metadata": record.metadata,
            },
            probabilities=prediction.probabilities,
            embedding=prediction.embedding,
            statistics=measure_image(pixels),
        )

    def _store_image(self, image_id: str, content: bytes) -> bool:
        path = self._images_dir / image_id
        if path.exists():
            return True
        if self._images_bytes + len(content) > self._settings.max_image_bytes:
            return False
        temporary = path.with_name(f".{image_id}.part")
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            self._on_error(f"an image cannot be kept: {error}")
            return False
        self._images_bytes += len(content)
        self.num_images_stored += 1
        return True

    def _count_drops(self, count: int, reason: str) -> None:
        with self._ready:
            self.num_dropped += count
        self._on_error(reason)


def _encode_png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()
