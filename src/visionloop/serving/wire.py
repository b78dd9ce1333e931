"""Requests and responses of the data plane on bare ASGI: no framework between socket and model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_DRAINED_TIMES = 8


class Refusal(Exception):
    """A request that is answered with an error.

    Args:
        status: HTTP status code.
        code: Stable name of the reason.
        message: What happened, what was expected and how to mend it.
        headers: More response headers.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def to_bytes(self, request_id: str) -> bytes:
        """Return the body of the answer."""
        content = {"error": self.message, "code": self.code, "request_id": request_id}
        return json.dumps(content).encode()


def read_headers(scope: Scope) -> dict[str, str]:
    """Return the request's headers by lower-case name; of repeated ones the last."""
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}


def check_content_length(headers: Mapping[str, str], max_bytes: int) -> None:
    """Refuse a body that announces itself as too large, before any of it is read.

    Raises:
        Refusal: 413, or 400 for a length that is no number.
    """
    announced = headers.get("content-length")
    if announced is None:
        return
    if not announced.isdigit():
        raise Refusal(400, "bad_content_length", f"Content-Length is {announced!r}.")
    if int(announced) > max_bytes:
        # A moderate rest is swallowed, so that the client gets to read the answer.
        closing = int(announced) > _DRAINED_TIMES * max_bytes
        raise too_large(max_bytes, {"connection": "close"} if closing else {})


async def read_body(receive: Receive, max_bytes: int, timeout_s: float) -> bytes:
    """Read the whole body.

    Raises:
        Refusal: 413 when it grows too large, 408 when it takes too long, 400 when the client
            goes away.
    """
    try:
        async with asyncio.timeout(timeout_s):
            message = await receive()
            if not message.get("more_body", False):
                body: bytes = message.get("body", b"")
                if message["type"] == "http.disconnect":
                    raise Refusal(400, "client_gone", "The client closed the connection.")
                if len(body) > max_bytes:
                    raise too_large(max_bytes, {})
                return body
            return await _read_rest(receive, max_bytes, message)
    except TimeoutError:
        raise Refusal(
            408,
            "body_timeout",
            f"The request body did not arrive within {timeout_s:g} s.",
            {"connection": "close"},
        ) from None


def too_large(max_bytes: int, headers: Mapping[str, str]) -> Refusal:
    """Make the refusal of a body that is too large."""
    message = f"The request body is larger than the {max_bytes:,} bytes that are taken."
    return Refusal(413, "body_too_large", message, headers)


async def send_response(
    send: Send,
    status: int,
    body: bytes,
    headers: Mapping[str, str],
    content_type: str = "application/json",
) -> None:
    """Send a whole response."""
    raw = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
    raw += [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _read_rest(receive: Receive, max_bytes: int, message: MutableMapping[str, Any]) -> bytes:
    body = bytearray(message.get("body", b""))
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "client_gone", "The client closed the connection.")
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise too_large(max_bytes, {"connection": "close"})
    return bytes(body)
