"""Traffic of a drill: photos sent to the production endpoint as its clients would."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from visionloop.kernel.errors import Unavailable
from visionloop.promotion.drill.entities import Photo

_CLIENTS = 2
_KEY_TAKES_S = 10.0
_UNAUTHORISED = 401


class EndpointFailed(Unavailable):
    """The endpoint answered a drill photo with an error."""

    code = "endpoint_failed"

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"The endpoint answered {status}: {text[:200]}", status=status)


@dataclass(frozen=True)
class Answer:
    """What the endpoint said of one photo."""

    photo: Photo
    request_id: str
    label: str
    score: float

    @property
    def is_right(self) -> bool:
        """Whether the prediction is the true class."""
        return self.label == self.photo.label


class Traffic:
    """Sends photos to one endpoint.

    Args:
        url: Address of the endpoint.
        key: Its API key.
    """

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30.0
        )

    def send(self, photos: Sequence[Photo]) -> list[Answer]:
        """Send photos from a few clients at a time and return the answers in their order."""
        with ThreadPoolExecutor(_CLIENTS) as pool:
            return list(pool.map(self._send_one, photos))

    def __enter__(self) -> Self:
        # The endpoint takes a new key up within a second, when it next looks at its file.
        deadline = time.monotonic() + _KEY_TAKES_S
        while self._is_unknown() and time.monotonic() < deadline:
            time.sleep(0.1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def _is_unknown(self) -> bool:
        # Any model's page will do: the key is looked at before the name.
        return self._http.get("/v2/models/any").status_code == _UNAUTHORISED

    def _send_one(self, photo: Photo) -> Answer:
        response = self._http.post(
            "/score",
            content=photo.path.read_bytes(),
            headers={"Content-Type": "image/jpeg"},
        )
        if response.is_error:
            raise EndpointFailed(response.status_code, response.text)
        body = response.json()
        return Answer(photo, body["request_id"], body["label"], body["score"])
