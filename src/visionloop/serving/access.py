"""Call the process of an endpoint as the control plane: on loopback, with the control key."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from visionloop.serving.entities import Endpoint
from visionloop.serving.errors import EndpointUnavailable
from visionloop.serving.files import control_key
from visionloop.storage.home import Home

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered."""

    status: int
    body: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        """Return the body as parsed JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def dial_host(host: str) -> str:
    """Return the address to connect to for an address that a server listens on."""
    return _ANY_ADDRESS.get(host, host)


def call_endpoint(
    home: Home,
    endpoint: Endpoint,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    timeout_s: float = 5.0,
) -> Answer:
    """Send one request to an endpoint's process.

    Raises:
        EndpointUnavailable: nobody answers in time.
    """
    connection = http.client.HTTPConnection(
        dial_host(endpoint.host), endpoint.port, timeout=timeout_s
    )
    sent = {
        "Authorization": f"Bearer {control_key(home, endpoint.name)}",
        **(headers or {}),
    }
    try:
        connection.request(method, path, body=body or None, headers=sent)
        response = connection.getresponse()
        received = {key.lower(): value for key, value in response.getheaders()}
        return Answer(response.status, response.read(), received)
    except (OSError, http.client.HTTPException) as error:
        raise EndpointUnavailable(endpoint.name, str(error) or type(error).__name__) from error
    finally:
        connection.close()
