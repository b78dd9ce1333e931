"""One request on its way through the data plane, and what its headers say."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import Any

from visionloop.serving.wire import Receive, Refusal, Scope, Send, send_response

_MAX_METADATA_BYTES = 4096


@dataclass(frozen=True)
class Exchange:
    """One request on its way to an answer."""

    scope: Scope
    receive: Receive
    send: Send
    headers: dict[str, str]
    request_id: str
    begun: float

    async def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Send a JSON body."""
        sent = {"x-request-id": self.request_id, **(headers or {})}
        await send_response(self.send, status, body, sent)

    async def answer_json(self, content: Any, status: int = 200) -> None:
        """Send a value as JSON."""
        await self.answer(status, json.dumps(content).encode())


def read_metadata(headers: dict[str, str]) -> dict[str, Any]:
    """Read what the client wants to keep beside the prediction.

    Raises:
        Refusal: 400, not a small JSON object.
    """
    text = headers.get("visionloop-metadata")
    metadata: dict[str, Any] = {}
    if text is not None:
        try:
            parsed = json.loads(text) if len(text) <= _MAX_METADATA_BYTES else None
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise Refusal(
                400,
                "bad_metadata",
                f"visionloop-metadata must be a JSON object of up to {_MAX_METADATA_BYTES} bytes.",
            )
        metadata = parsed
    if "visionloop-source" in headers:
        metadata["source"] = headers["visionloop-source"][:64]
    return metadata


def check_encoding(headers: dict[str, str]) -> None:
    """Refuse compressed bodies.

    Raises:
        Refusal: 415.
    """
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise Refusal(
            415,
            "unsupported_encoding",
            f"Content-Encoding {encoding!r} is not taken; send it plain.",
        )


def is_loopback(scope: Scope) -> bool:
    """Tell whether the client is on this machine."""
    client = scope.get("client")
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


def no_such_path(path: str) -> Refusal:
    """Make the refusal of an unknown path."""
    return Refusal(404, "no_such_path", f"There is nothing at {path}.")


def not_allowed(method: str, path: str) -> Refusal:
    """Make the refusal of a method."""
    return Refusal(405, "method_not_allowed", f"{method} is not possible at {path}.")
