"""What can go wrong around an endpoint, with facts and the way to mend it."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class EndpointNotFound(NotFound):
    """The project has no endpoint of this name."""

    code = "endpoint_not_found"

    def __init__(self, project: str, name: str) -> None:
        super().__init__(
            f"Project '{project}' has no endpoint '{name}'. List them with "
            "'visionloop endpoints list'.",
            project=project,
            endpoint=name,
        )


class EndpointExists(Conflict):
    """The name or port is taken by an endpoint that is set up otherwise."""

    code = "endpoint_exists"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"An endpoint '{name}' cannot be created: {reason}. Names are unique in the "
            "installation; choose another or change the existing endpoint.",
            endpoint=name,
            reason=reason,
        )


class EndpointInvalid(Invalid):
    """The endpoint's description cannot be carried out."""

    code = "endpoint_invalid"

    def __init__(self, field: str, received: object, expected: str) -> None:
        super().__init__(
            f"Endpoint field '{field}' is {received!r}; expected {expected}.",
            field=field,
            received=str(received),
            expected=expected,
        )


class DeploymentNotFound(NotFound):
    """The endpoint has no deployment of this name."""

    code = "deployment_not_found"

    def __init__(self, endpoint: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Endpoint '{endpoint}' has no deployment '{name}'; it has "
            f"{', '.join(known) or 'none'}.",
            endpoint=endpoint,
            deployment=name,
            known=list(known),
        )


class DeploymentInUse(Conflict):
    """A deployment that answers live requests cannot be removed."""

    code = "deployment_in_use"

    def __init__(self, endpoint: str, name: str, weight: int) -> None:
        super().__init__(
            f"Deployment '{name}' of endpoint '{endpoint}' answers {weight} % of the requests. "
            "Give its traffic to another deployment first.",
            endpoint=endpoint,
            deployment=name,
            weight=weight,
        )


class PromotionRequired(Forbidden):
    """A model reaches production through gates and an approval."""

    code = "promotion_required"

    def __init__(self, endpoint: str) -> None:
        super().__init__(
            f"Endpoint '{endpoint}' serves production, and a model reaches it through gates and "
            "an approval: visionloop promotions start MODEL VERSION. Only an administrator may "
            "deploy past them.",
            endpoint=endpoint,
        )


class TrafficInvalid(Invalid):
    """The shares of an endpoint's traffic do not make sense."""

    code = "traffic_invalid"

    def __init__(self, reason: str, weights: dict[str, int]) -> None:
        super().__init__(
            f"The traffic split {weights} cannot be set: {reason}. Weights are whole percents "
            "of existing deployments and add up to 100.",
            reason=reason,
            weights=weights,
        )


class PackageNotFound(NotFound):
    """No model package with this digest is on this machine."""

    code = "package_not_found"

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"No model package with the digest {digest} is stored here. Register the model first.",
            digest=digest,
        )


class PackageUnusable(Invalid):
    """The package is damaged, or of a kind that cannot be served."""

    code = "package_unusable"

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(
            f"The model package in {folder} cannot be served: {reason}.",
            folder=folder,
            reason=reason,
        )


class KeyNotFound(NotFound):
    """The endpoint has no key with this id."""

    code = "endpoint_key_not_found"

    def __init__(self, endpoint: str, key_id: str) -> None:
        super().__init__(
            f"Endpoint '{endpoint}' has no key {key_id}.",
            endpoint=endpoint,
            key_id=key_id,
        )


class EndpointFileInvalid(Invalid):
    """The endpoint file is not what the server understands."""

    code = "endpoint_file_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The endpoint file is not valid: {reason}.", reason=reason)


class EndpointUnavailable(Unavailable):
    """The endpoint's process does not answer."""

    code = "endpoint_unavailable"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"Endpoint '{name}' does not answer: {reason}. Its log is under the endpoint's page "
            "and in 'visionloop endpoints log'.",
            endpoint=name,
            reason=reason,
        )


class EndpointNotReady(Unavailable):
    """The endpoint did not load what was deployed in time."""

    code = "endpoint_not_ready"

    def __init__(self, name: str, timeout_s: float, reason: str) -> None:
        super().__init__(
            f"Endpoint '{name}' was not ready within {timeout_s:g} s: {reason}.",
            endpoint=name,
            timeout_s=timeout_s,
            reason=reason,
        )


class ScoringRefused(Invalid):
    """The endpoint refused the request."""

    code = "scoring_refused"

    def __init__(self, name: str, status: int, reason: str) -> None:
        super().__init__(
            f"Endpoint '{name}' refused the request ({status}): {reason}",
            endpoint=name,
            status=status,
            reason=reason,
        )


class LoadTestInvalid(Invalid):
    """The load test asks for what it may not do."""

    code = "load_test_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The load test cannot run: {reason}.", reason=reason)
