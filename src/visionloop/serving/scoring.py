"""Try one image on an endpoint, as the console does."""

from __future__ import annotations

from visionloop.serving.access import call_endpoint
from visionloop.serving.entities import Endpoint, ModelReference, Score
from visionloop.serving.errors import EndpointUnavailable, ScoringRefused
from visionloop.storage.home import Home

_TIMEOUT_S = 30.0


def check_body_size(endpoint: Endpoint, size_bytes: int) -> None:
    """Refuse what the endpoint would refuse, before all of it is read.

    Raises:
        ScoringRefused: larger than the endpoint takes.
    """
    if size_bytes > endpoint.max_body_bytes:
        raise ScoringRefused(
            endpoint.name,
            413,
            f"the image is larger than {endpoint.max_body_bytes:,} bytes",
        )


def score_image(
    home: Home, endpoint: Endpoint, image: bytes, *, deployment: str | None = None
) -> Score:
    """Send an image to an endpoint and return its answer.

    Args:
        home: Where the control key is.
        endpoint: Whom to ask.
        image: The bytes of a JPEG or PNG file.
        deployment: Whom to force, instead of the traffic split.

    Raises:
        ScoringRefused: the endpoint refuses the image.
        EndpointUnavailable: the endpoint is down or busy.
    """
    check_body_size(endpoint, len(image))
    headers = {
        "Content-Type": "application/octet-stream",
        "visionloop-source": "console",
    }
    if deployment:
        headers["visionloop-deployment"] = deployment
    answer = call_endpoint(
        home,
        endpoint,
        "POST",
        "/score",
        body=image,
        headers=headers,
        timeout_s=_TIMEOUT_S,
    )
    content = answer.json()
    if answer.status != 200 or not isinstance(content, dict):
        reason = content.get("error") if isinstance(content, dict) else None
        if answer.status >= 500:
            raise EndpointUnavailable(endpoint.name, str(reason or answer.status))
        raise ScoringRefused(endpoint.name, answer.status, str(reason or "no reason given"))
    return Score(**{**content, "model": ModelReference(**content["model"])})
