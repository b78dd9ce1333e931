"""The Python client: everything the console does, from a script.

client = Client("http://127.0.0.1:8080", token="vl_...")
client.get("/projects/parts/images", params={"limit": 10})["items"]
"""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from visionloop.client.errors import ServerUnreachable, error_from_response
from visionloop.kernel.errors import Invalid

_PREFIX = "/api/v1"
_POLL_S = 0.25


class Client:
    """Talks to one Visionloop server under one name.

    Args:
        url: Address of the control plane, for example ``http://127.0.0.1:8080``.
        token: Session or API token.
        timeout_s: Longest wait for one answer.
        http: Another HTTP client to send with, for tests.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout_s: float = 60.0,
        http: httpx.Client | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = http or httpx.Client(timeout=timeout_s)

    def sign_in(self, name: str, password: str) -> Client:
        """Return a client that acts as the user with this name and password."""
        answer = self.post("/session", json={"name": name, "password": password})
        return Client(self.url, token=answer["token"])

    def get(self, path: str, **options: Any) -> Any:
        """Read; see :meth:`request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        """Create or act; see :meth:`request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Any:
        """Replace; see :meth:`request`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Any:
        """Change; see :meth:`request`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Any:
        """Delete; see :meth:`request`."""
        return self.request("DELETE", path, **options)

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Send a request and return the parsed answer.

        Args:
            method: HTTP method.
            path: Path below ``/api/v1``, for example ``/projects``.
            **options: ``json``, ``params``, ``content``, ``headers`` as httpx takes them.

        Returns:
            Parsed JSON, raw bytes for other content, None for an empty answer.

        Raises:
            VisionloopError: The server refused; kind and message are its own.
            ServerUnreachable: Nobody answers.
        """
        headers = self._headers | options.pop("headers", {})
        address = self.url + _PREFIX + path
        try:
            response = self._http.request(method, address, headers=headers, **options)
        except httpx.TransportError as error:
            raise ServerUnreachable(self.url, str(error) or type(error).__name__) from error
        if response.is_error:
            raise error_from_response(response.status_code, _problem(response))
        if not response.content:
            return None
        if "json" in response.headers.get("content-type", ""):
            return response.json()
        return response.content

    def download(self, path: str, to: Path) -> None:
        """Write the content behind a path into a file, piece by piece.

        Raises:
            VisionloopError: The server refused; kind and message are its own.
            ServerUnreachable: Nobody answers.
        """
        address = self.url + _PREFIX + path
        try:
            with self._http.stream("GET", address, headers=self._headers) as response:
                if response.is_error:
                    response.read()
                    raise error_from_response(response.status_code, _problem(response))
                with to.open("wb") as file:
                    for piece in response.iter_bytes(1 << 20):
                        file.write(piece)
        except httpx.TransportError as error:
            raise ServerUnreachable(self.url, str(error) or type(error).__name__) from error

    def wait_for_job(self, job_id: str, *, timeout_s: float = 3600.0) -> Any:
        """Wait until a job has succeeded and return it.

        Raises:
            Invalid: It failed, was cancelled or takes longer.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            job = self.get(f"/jobs/{job_id}")
            if job["state"] == "succeeded":
                return job
            if job["state"] in ("failed", "cancelled"):
                raise Invalid(f"The {job['kind']} job {job['state']}: {job['message']}", job=job_id)
            if time.monotonic() > deadline:
                raise Invalid(f"The {job['kind']} job takes longer than {timeout_s:g} s.")
            time.sleep(_POLL_S)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        return {"detail": response.text[:500]}
    return problem if isinstance(problem, dict) else {"detail": str(problem)}
