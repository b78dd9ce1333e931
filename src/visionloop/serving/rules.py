"""Pure decisions of serving: who answers a request, how shares change, how long to wait."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence

from visionloop.serving.errors import (
    DeploymentNotFound,
    EndpointInvalid,
    TrafficInvalid,
)

_NAME = re.compile(r"[a-z][a-z0-9-]{1,62}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:#-]{1,128}")
_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 30.0


def check_name(kind: str, name: str) -> None:
    """Refuse names that would not fit URLs, folders and metric labels.

    Raises:
        EndpointInvalid: not 2 to 63 lower-case letters, digits and hyphens.
    """
    if not _NAME.fullmatch(name):
        raise EndpointInvalid(
            kind,
            name,
            "2 to 63 lower-case letters, digits and hyphens, starting with a letter",
        )


def is_request_id(text: str) -> bool:
    """Tell whether a client's request id can be logged and joined on."""
    return _REQUEST_ID.fullmatch(text) is not None


def choose_deployment(key: str, weights: Mapping[str, int]) -> str | None:
    """Choose who answers: weighted rendezvous hashing.

    The same key always gets the same deployment, and a change of weights moves only the keys
    that must move (Schindelhauer and Schomaker, Weighted Distributed Hash Tables, 2005).

    Args:
        key: Session key or request id.
        weights: Deployment to share; shares need not add up to anything.

    Returns:
        The deployment, or None when no share is above 0.
    """
    live = [name for name, weight in weights.items() if weight > 0]
    if len(live) < 2:
        return live[0] if live else None
    return max(live, key=lambda name: -weights[name] / math.log(_fraction(f"{name}\0{key}")))


def is_mirrored(request_id: str, deployment: str, percent: int) -> bool:
    """Tell whether a request is also scored by a shadow."""
    if percent <= 0:
        return False
    return percent >= 100 or _fraction(f"mirror\0{deployment}\0{request_id}") * 100 < percent


def is_sampled(identity: str, rate: float) -> bool:
    """Tell whether the image with this id is kept; equal images are kept or left together."""
    return rate >= 1.0 or (rate > 0.0 and _fraction(f"sample\0{identity}") < rate)


def rebalance(weights: Mapping[str, int], name: str, weight: int | None) -> dict[str, int]:
    """Give one deployment its share and let the others keep their proportions.

    Args:
        weights: The present split, in percent, possibly empty.
        name: The deployment, new or present.
        weight: Its share; None keeps the present one, or gives 100 to the first and 0 to a
            later deployment.

    Returns:
        A split that adds up to 100.

    Raises:
        TrafficInvalid: the share is out of range, or nobody would be left with the rest.
    """
    others = {other: share for other, share in weights.items() if other != name}
    if weight is None:
        weight = weights.get(name, 0) if others else 100
    if not 0 <= weight <= 100:
        raise TrafficInvalid(f"{weight} is not between 0 and 100", {**weights, name: weight})
    if not others:
        if weight != 100:
            raise TrafficInvalid("a single deployment answers everything", {name: weight})
        return {name: 100}
    total = sum(others.values())
    if total == 0 and weight < 100:
        raise TrafficInvalid(
            f"{100 - weight} % would be left unanswered; set the whole split",
            {name: weight},
        )
    return {**_scale(others, 100 - weight), name: weight}


def check_split(split: Mapping[str, int], names: Sequence[str], endpoint: str) -> dict[str, int]:
    """Complete a split with zeros for the deployments it leaves out.

    Raises:
        DeploymentNotFound: it names an unknown deployment.
        TrafficInvalid: a share is out of range or the sum is not 100.
    """
    for name in split:
        if name not in names:
            raise DeploymentNotFound(endpoint, name, names)
    if any(not 0 <= share <= 100 for share in split.values()):
        raise TrafficInvalid("a share is not between 0 and 100", dict(split))
    if sum(split.values()) != 100:
        raise TrafficInvalid(f"the shares add up to {sum(split.values())}", dict(split))
    return {name: split.get(name, 0) for name in names}


def restart_delay_s(num_failures: int) -> float:
    """Return how long to wait before the next start of a process that keeps dying."""
    if num_failures <= 0:
        return 0.0
    return min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2.0 ** min(num_failures - 1, 10))


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of values in ascending order.

    Raises:
        ValueError: there are no values.
    """
    if not ordered:
        raise ValueError("a percentile needs at least one value")
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def _scale(shares: Mapping[str, int], total: int) -> dict[str, int]:
    """Scale shares to a total in whole percents, largest remainder first."""
    present = sum(shares.values())
    if present == 0:
        return dict.fromkeys(shares, 0)
    exact = {name: share * total / present for name, share in shares.items()}
    scaled = {name: math.floor(value) for name, value in exact.items()}
    missing = total - sum(scaled.values())
    for name in sorted(exact, key=lambda n: scaled[n] - exact[n])[:missing]:
        scaled[name] += 1
    return scaled


def _fraction(text: str) -> float:
    """Hash a text to (0, 1), the same in every process."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 0.5) / 2.0**64
