"""The data plane of an endpoint as a bare ASGI callable."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

from visionloop.serving import protocol, rules
from visionloop.serving.exchange import (
    Exchange,
    check_encoding,
    is_loopback,
    no_such_path,
    not_allowed,
    read_metadata,
)
from visionloop.serving.instruments import CONTENT_TYPE, Instruments
from visionloop.serving.pool import WorkerPool
from visionloop.serving.recorder import PredictionRecorder
from visionloop.serving.scorer import Scorer, ScoringRequest, elapsed_ms
from visionloop.serving.state import ServingState
from visionloop.serving.traffic import ActiveDeployment
from visionloop.serving.wire import (
    Receive,
    Refusal,
    Scope,
    Send,
    check_content_length,
    read_body,
    read_headers,
    send_response,
)

BODY_TIMEOUT_S = 30.0
# Set on the scope of load tests by the control plane, which would drown real traffic in the log.
_UNLOGGED = "visionloop.unlogged"
_REFUSED_TYPES = ("multipart/", "application/json", "text/")
_log = logging.getLogger(__name__)


class ServingApplication:
    """Answers images, the Open Inference Protocol, Prometheus and the control plane.

    Args:
        state: What is loaded.
        instruments: What is measured.
        pool: The workers.
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
        self._scorer = Scorer(state, instruments, pool, recorder)
        self._started = time.monotonic()
        self._expose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise RuntimeError(f"an endpoint speaks HTTP, not {scope['type']}")
        headers = read_headers(scope)
        given = headers.get("x-request-id", "")
        request_id = given if rules.is_request_id(given) else f"req_{os.urandom(13).hex()}"
        exchange = Exchange(scope, receive, send, headers, request_id, time.perf_counter())
        try:
            if given and given != request_id:
                raise Refusal(
                    400,
                    "bad_request_id",
                    "X-Request-Id may hold 1 to 128 letters, digits and any of . _ : # -",
                )
            await self._route(exchange)
        except Refusal as refusal:
            body = refusal.to_bytes(request_id)
            await exchange.answer(refusal.status, body, refusal.headers)
        except Exception as error:
            _log.exception("request %s failed", request_id)
            failure = Refusal(500, "internal_error", f"The request failed: {error!r}")
            await exchange.answer(500, failure.to_bytes(request_id))

    async def _route(self, exchange: Exchange) -> None:
        path = exchange.scope["path"]
        method = exchange.scope["method"]
        if path in ("/", "/score") and method == "POST":
            self._authorise(exchange)
            await self._count(exchange, self._score)
        elif path.startswith("/v2/models/"):
            self._authorise(exchange)
            await self._route_model(exchange, method, path.removeprefix("/v2/models/"))
        elif method not in ("GET", "HEAD"):
            known = path in ("/v2", "/v2/health/live", "/v2/health/ready", "/metrics", "/status")
            raise no_such_path(path) if not known else not_allowed(method, path)
        elif path in ("/v2", "/v2/"):
            await exchange.answer_json(_describe_server())
        elif path == "/v2/health/live":
            await exchange.answer_json({"live": True})
        elif path == "/v2/health/ready":
            ready = bool(self._state.table.deployments)
            await exchange.answer_json({"ready": ready}, 200 if ready else 503)
        elif path == "/metrics":
            self._authorise(exchange, loopback_free=True)
            body = self._instruments.render()
            await send_response(exchange.send, 200, body, {}, CONTENT_TYPE)
        elif path == "/status":
            self._authorise(exchange, loopback_free=True)
            await exchange.answer_json(self._describe())
        elif path in ("/", "/score"):
            raise not_allowed(method, path)
        else:
            raise no_such_path(path)

    async def _route_model(self, exchange: Exchange, method: str, rest: str) -> None:
        parts = rest.split("/")
        model, parts = parts[0], parts[1:]
        version = None
        if len(parts) >= 2 and parts[0] == "versions":
            version, parts = parts[1], parts[2:]
        found = self._state.table.find(self._state.file.endpoint, model, version)
        if not found:
            wanted = model if version is None else f"{model} version {version}"
            raise Refusal(404, "model_not_found", f"This endpoint has no model {wanted}.")
        if parts == ["infer"] and method == "POST":

            async def infer(target: Exchange) -> ActiveDeployment:
                return await self._infer(target, model, found)

            await self._count(exchange, infer)
        elif parts in ([], ["ready"]) and method == "GET":
            versions = sorted({deployment.version for deployment in found})
            metadata = protocol.describe_model(model, versions, len(found[0].runtime.labels))
            await exchange.answer_json(
                {"name": model, "ready": True} if parts == ["ready"] else metadata
            )
        elif parts in (["infer"], [], ["ready"]):
            raise not_allowed(method, exchange.scope["path"])
        else:
            raise no_such_path(exchange.scope["path"])

    async def _count(
        self, exchange: Exchange, answer: Callable[[Exchange], Awaitable[ActiveDeployment]]
    ) -> None:
        """Answer a scoring request and count how it ended."""
        name, code = "", 500
        try:
            check_content_length(exchange.headers, self._state.file.max_body_bytes)
            with self._scorer.admit(1):
                deployment = await answer(exchange)
            name, code = deployment.name, 200
            deployment.tally.count_request(failed=False)
        except Refusal as refusal:
            code = refusal.status
            name = refusal.headers.get("visionloop-deployment", "")
            failing = self._state.table.deployments.get(name)
            if failing is not None:
                failing.tally.count_request(failed=code >= 500)
            raise
        finally:
            self._instruments.observe_request(name, code, elapsed_ms(exchange.begun))

    async def _score(self, exchange: Exchange) -> ActiveDeployment:
        kind = exchange.headers.get("content-type", "").lower()
        if kind.startswith(_REFUSED_TYPES):
            raise Refusal(
                415,
                "unsupported_media_type",
                f"Content-Type is {kind!r}; send the bytes of one JPEG or PNG file as the body, "
                "with image/jpeg, image/png or application/octet-stream.",
            )
        check_encoding(exchange.headers)
        deployment = self._choose(exchange, None)
        metadata = read_metadata(exchange.headers)
        body = await self._read(exchange)
        if not body:
            raise Refusal(400, "empty_body", "The request body is empty; expected an image file.")
        received = time.perf_counter()
        request = ScoringRequest(exchange.request_id, deployment, (body,), metadata)
        predictions = await self._compute(request)
        prediction = predictions[0]
        total_ms = elapsed_ms(received)
        waited_ms = total_ms - prediction.decode_ms - prediction.inference_ms
        labels = deployment.runtime.labels
        content = {
            "request_id": exchange.request_id,
            "label": prediction.label,
            "score": round(prediction.score, 6),
            "probabilities": {
                label: round(value, 6)
                for label, value in zip(labels, prediction.probabilities.tolist(), strict=True)
            },
            "deployment": deployment.name,
            "model": deployment.describe_model(),
            "timings": {
                "queue_ms": round(max(0.0, waited_ms), 3),
                "decode_ms": round(prediction.decode_ms, 3),
                "inference_ms": round(prediction.inference_ms, 3),
                "total_ms": round(total_ms, 3),
            },
        }
        content |= prediction.describe()
        headers = {"visionloop-deployment": deployment.name}
        await exchange.answer(200, json.dumps(content).encode(), headers)
        if not exchange.scope.get(_UNLOGGED, False):
            self._scorer.follow_up(request, predictions, total_ms)
        return deployment

    async def _infer(
        self, exchange: Exchange, model: str, found: list[ActiveDeployment]
    ) -> ActiveDeployment:
        check_encoding(exchange.headers)
        deployment = self._choose(exchange, found)
        metadata = read_metadata(exchange.headers)
        body = await self._read(exchange)
        received = time.perf_counter()
        parsed = protocol.parse_infer(
            body, exchange.headers.get(protocol.HEADER_LENGTH), self._state.file.max_pixels
        )
        usable = parsed.id is not None and rules.is_request_id(parsed.id)
        request_id = str(parsed.id) if usable else exchange.request_id
        request = ScoringRequest(request_id, deployment, parsed.images, metadata)
        with self._scorer.admit(len(parsed.images) - 1):
            try:
                predictions = await self._compute(request)
            except Refusal as refusal:
                # The protocol knows 400 for every fault of the client.
                if refusal.status == 422:
                    refusal.status = 400
                raise
        head = {"model_name": model, "model_version": deployment.version}
        if parsed.id is not None:
            head["id"] = parsed.id
        answer, json_length = protocol.encode_answer(head, parsed.outputs, predictions)
        headers = {"visionloop-deployment": deployment.name}
        kind = "application/json"
        if json_length is not None:
            headers[protocol.HEADER_LENGTH] = str(json_length)
            kind = "application/octet-stream"
        headers["x-request-id"] = request_id
        await send_response(exchange.send, 200, answer, headers, kind)
        if not exchange.scope.get(_UNLOGGED, False):
            self._scorer.follow_up(request, predictions, elapsed_ms(received))
        return deployment

    async def _compute(self, request: ScoringRequest) -> Any:
        try:
            return await self._scorer.score(request)
        except Refusal as refusal:
            refusal.headers["visionloop-deployment"] = request.deployment.name
            raise

    async def _read(self, exchange: Exchange) -> bytes:
        limit = self._state.file.max_body_bytes
        return await read_body(exchange.receive, limit, BODY_TIMEOUT_S)

    def _choose(self, exchange: Exchange, among: list[ActiveDeployment] | None) -> ActiveDeployment:
        table = self._state.table
        forced = exchange.headers.get("visionloop-deployment")
        if forced is not None:
            chosen = table.deployments.get(forced)
            if chosen is None or (among is not None and chosen not in among):
                known = ", ".join(table.deployments) or "none"
                raise Refusal(
                    404, "deployment_not_found", f"No deployment {forced!r}; there are {known}."
                )
            return chosen
        key = exchange.headers.get("visionloop-session") or exchange.request_id
        chosen = table.choose(key, among)
        if chosen is None:
            raise Refusal(
                503,
                "no_deployment",
                "No deployment takes traffic on this endpoint.",
                {"retry-after": "5"},
            )
        return chosen

    def _authorise(self, exchange: Exchange, *, loopback_free: bool = False) -> None:
        file = self._state.file
        given = exchange.headers.get("authorization", "")
        kind, _, secret = given.partition(" ")
        if kind.lower() == "bearer" and secret:
            digest = hashlib.sha256(secret.strip().encode()).hexdigest()
            # Comparing digests leaks nothing that helps to find a secret.
            if digest == file.control_key:
                exchange.scope[_UNLOGGED] = exchange.headers.get("visionloop-source") == "load-test"
                return
            if digest in file.keys:
                return
        elif (loopback_free or not file.keys) and is_loopback(exchange.scope):
            return
        raise Refusal(
            401,
            "unauthorised",
            "Send a key of this endpoint as 'Authorization: Bearer KEY'.",
            {"www-authenticate": "Bearer"},
        )

    def _describe(self) -> dict[str, Any]:
        recorder = self._recorder
        return {
            "endpoint": self._state.file.endpoint,
            "pid": os.getpid(),
            "uptime_s": round(time.monotonic() - self._started, 3),
            "num_requests": self._instruments.num_requests,
            "in_flight": self._instruments.in_flight,
            "queue_depth": self._pool.queue_depth,
            "dropped_records": recorder.num_dropped if recorder else 0,
            "written_records": recorder.num_written if recorder else 0,
            "waiting_records": recorder.num_waiting if recorder else 0,
            "dropped_shadows": self._pool.num_dropped_shadows,
            "num_loads": self._state.num_loads,
            "last_error": self._state.last_error,
            "recent": self._instruments.summarise_recent(),
            "deployments": [d.describe() for d in self._state.table.deployments.values()],
        }

    def _expose(self) -> None:
        instruments, pool, recorder = self._instruments, self._pool, self._recorder
        expose = instruments.expose
        expose("visionloop_in_flight", "Images in work.", lambda: instruments.in_flight)
        expose("visionloop_queue_depth", "Images that wait.", lambda: pool.queue_depth)
        expose(
            "visionloop_dropped_shadows",
            "Mirrored requests that were dropped.",
            lambda: pool.num_dropped_shadows,
        )
        if recorder is not None:
            expose(
                "visionloop_dropped_log_records",
                "Prediction log records that were lost.",
                lambda: recorder.num_dropped,
            )
            expose(
                "visionloop_written_log_records",
                "Prediction log records that were written.",
                lambda: recorder.num_written,
            )


def _describe_server() -> dict[str, Any]:
    return {"name": "visionloop", "version": "1", "extensions": ["binary_tensor_data"]}
