"""One REST connection to another labeling tool, with clear errors."""

from __future__ import annotations

from typing import Any

import httpx

from visionloop.labeling.exchange.errors import ExchangeFailed

_TIMEOUT_S = 60.0


class RestConnection:
    """Sends requests with a token and returns parsed answers.

    Args:
        url: address of the tool.
        headers: with the authorisation.
    """

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=_TIMEOUT_S)

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Send a request and return the parsed answer.

        Raises:
            ExchangeFailed: It is refused, not answered, or no JSON.
        """
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise ExchangeFailed(self.url, str(error) or type(error).__name__) from error
        if response.is_error:
            reason = f"{method} {path} gave status {response.status_code}: {response.text[:200]}"
            raise ExchangeFailed(self.url, reason)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise ExchangeFailed(self.url, f"{method} {path} gave no JSON") from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
