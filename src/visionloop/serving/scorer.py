"""From admitted images to predictions: workers, shadows, counts and the prediction log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.serving.inference import ModelRuntime, Prediction
from visionloop.serving.instruments import Instruments
from visionloop.serving.pool import WorkerPool
from visionloop.serving.protocol import Source
from visionloop.serving.recorder import PendingRecord, PredictionRecorder
from visionloop.serving.state import ServingState
from visionloop.serving.traffic import ActiveDeployment
from visionloop.serving.wire import Refusal


@dataclass(frozen=True)
class ScoringRequest:
    """Images that one client wants scored, and who is to answer."""

    request_id: str
    deployment: ActiveDeployment
    sources: Sequence[Source]
    metadata: dict[str, Any]


class Scorer:
    """Scores images on the worker pool; everything but the scoring runs on the event loop.

    Args:
        state: The loaded deployments and the limits.
        instruments: Where to count.
        pool: Who computes.
        recorder: The prediction log; None when it is switched off.
    """

    def __init__(
        self,
        state: ServingState,
        instruments: Instruments,
        pool: WorkerPool,
        recorder: PredictionRecorder | None,
    ) -> None:
        self._state = state
        self._instruments = instruments
        self._pool = pool
        self._recorder = recorder

    @contextmanager
    def admit(self, num_images: int) -> Iterator[None]:
        """Count images in, or refuse them when too many are in work already.

        Raises:
            Refusal: 503 with Retry-After.
        """
        instruments = self._instruments
        limit = self._state.file.max_in_flight
        # A batch larger than the limit is let in when it would be alone.
        if instruments.in_flight and instruments.in_flight + num_images > limit:
            message = f"The endpoint is busy: {instruments.in_flight} images are in work."
            raise Refusal(503, "saturated", message, {"retry-after": "1"})
        instruments.in_flight += num_images
        try:
            yield
        finally:
            instruments.in_flight -= num_images

    async def score(self, request: ScoringRequest) -> list[Prediction]:
        """Score every image of a request.

        Raises:
            Refusal: an image cannot be decoded (422), is too large (413), or the model fails
                (500).
        """
        runtime = request.deployment.runtime
        loop = asyncio.get_running_loop()
        futures = [self._start(loop, runtime, source) for source in request.sources]
        results = await asyncio.gather(*futures, return_exceptions=True)
        predictions = []
        for index, result in enumerate(results):
            if isinstance(result, BaseException):
                raise _refuse(result, index, len(results)) from result
            predictions.append(result)
            self._instruments.observe_image(
                request.deployment.name, result.decode_ms, result.inference_ms
            )
        return predictions

    def follow_up(
        self, request: ScoringRequest, predictions: Sequence[Prediction], total_ms: float
    ) -> None:
        """Log an answered request and let its shadows score it too."""
        several = len(predictions) > 1
        pairs = zip(request.sources, predictions, strict=True)
        for index, (source, prediction) in enumerate(pairs):
            image_request_id = f"{request.request_id}#{index}" if several else request.request_id
            if self._recorder is not None:
                self._recorder.offer(
                    PendingRecord(
                        request_id=image_request_id,
                        endpoint=self._state.file.endpoint,
                        deployment=request.deployment.name,
                        model_digest=request.deployment.entry.digest,
                        source=source,
                        prediction=prediction,
                        total_ms=total_ms,
                        metadata=request.metadata,
                    )
                )
            for shadow in self._state.table.mirrors(image_request_id, request.deployment.name):
                self._mirror(shadow, source, prediction.label)

    def _start(
        self, loop: asyncio.AbstractEventLoop, runtime: ModelRuntime, source: Source
    ) -> asyncio.Future[Prediction]:
        future: asyncio.Future[Prediction] = loop.create_future()
        max_pixels = self._state.file.max_pixels

        def job() -> None:
            try:
                prediction = _classify(runtime, source, max_pixels)
            except Exception as error:
                loop.call_soon_threadsafe(_fail, future, error)
            else:
                loop.call_soon_threadsafe(_resolve, future, prediction)

        self._pool.submit(job)
        return future

    def _mirror(self, shadow: ActiveDeployment, source: Source, live_label: str) -> None:
        loop = asyncio.get_running_loop()
        max_pixels = self._state.file.max_pixels

        def job() -> None:
            agreed = _classify(shadow.runtime, source, max_pixels).label == live_label
            # The loop is gone when the process is ending; then nobody asks for the count.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._count_shadow, shadow, agreed)

        self._pool.offer_shadow(job)

    def _count_shadow(self, shadow: ActiveDeployment, agreed: bool) -> None:
        shadow.tally.count_shadow(agreed=agreed)
        self._instruments.observe_shadow(shadow.name, agreed=agreed)


def elapsed_ms(begun: float) -> float:
    """Return the milliseconds since a reading of ``time.perf_counter``."""
    return (time.perf_counter() - begun) * 1000.0


def _classify(runtime: ModelRuntime, source: Source, max_pixels: int) -> Prediction:
    if isinstance(source, bytes):
        return runtime.classify(source, max_pixels=max_pixels)
    return runtime.classify_pixels(source)


def _resolve(future: asyncio.Future[Prediction], prediction: Prediction) -> None:
    if not future.done():
        future.set_result(prediction)


def _fail(future: asyncio.Future[Prediction], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _refuse(error: BaseException, index: int, num_images: int) -> Refusal:
    where = f"Image {index} of {num_images}: " if num_images > 1 else ""
    if isinstance(error, NotAnImage):
        return Refusal(422, error.code, where + error.message)
    if isinstance(error, ImageTooLarge):
        return Refusal(413, error.code, where + error.message)
    return Refusal(500, "scoring_failed", f"{where}The model could not score the image: {error!r}")
