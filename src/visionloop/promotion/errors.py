"""What can go wrong with a promotion, in words that tell how to mend it."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class PipelineNotFound(NotFound):
    """No promotion with this id in this project."""

    code = "promotion_not_found"

    def __init__(self, project: str, pipeline_id: str) -> None:
        super().__init__(
            f"Project {project!r} has no promotion {pipeline_id!r}. "
            "List them with `visionloop promotions list`.",
            project=project,
            promotion=pipeline_id,
        )


class PromotionRunning(Conflict):
    """The version is on its way already."""

    code = "promotion_running"

    def __init__(self, model: str, version: int, pipeline_id: str, state: str) -> None:
        super().__init__(
            f"{model} version {version} is already being promoted ({pipeline_id}, {state}). "
            "Wait for it, decide on it, or cancel it first.",
            model=model,
            version=version,
            promotion=pipeline_id,
            state=state,
        )


class PromotionNotWaiting(Conflict):
    """A decision for a pipeline that waits for none."""

    code = "promotion_not_waiting"

    def __init__(self, pipeline_id: str, state: str) -> None:
        super().__init__(
            f"Promotion {pipeline_id} is {state}; only one that is waiting_for_approval "
            "can be approved or rejected.",
            promotion=pipeline_id,
            state=state,
        )


class PromotionOver(Conflict):
    """The pipeline has ended, so it cannot be cancelled."""

    code = "promotion_over"

    def __init__(self, pipeline_id: str, state: str) -> None:
        super().__init__(
            f"Promotion {pipeline_id} has already ended ({state}). "
            "To take a promoted version back, use rollback.",
            promotion=pipeline_id,
            state=state,
        )


class OwnApproval(Forbidden):
    """The requester tried to approve."""

    code = "own_approval"

    def __init__(self, pipeline_id: str, user: str) -> None:
        super().__init__(
            f"{user} requested promotion {pipeline_id} and so may not approve it. "
            "Ask another person with the approver role.",
            promotion=pipeline_id,
            user=user,
        )


class DigestMismatch(Conflict):
    """The decision names another package than the one on its way."""

    code = "promotion_digest_mismatch"

    def __init__(self, pipeline_id: str, expected: str, received: str) -> None:
        super().__init__(
            f"Promotion {pipeline_id} carries package {expected[:12]}, the decision names "
            f"{received[:12]}. Look at the promotion again and decide on what it carries now.",
            promotion=pipeline_id,
            expected=expected,
            received=received,
        )


class EndpointMissing(Invalid):
    """The workspace has no endpoint to deploy to."""

    code = "promotion_endpoint_missing"

    def __init__(self, project: str, workspace: str, name: str | None) -> None:
        what = f"endpoint {name!r}" if name else "any online endpoint"
        super().__init__(
            f"Project {project!r} lacks {what} in workspace {workspace!r}. "
            "Add one under `endpoints:` in visionloop.yaml and apply it.",
            project=project,
            workspace=workspace,
            endpoint=name,
        )


class UnknownGate(Invalid):
    """The policy names a gate that nobody provides."""

    code = "unknown_gate"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"The promotion policy names the gate {name!r}; known gates: {', '.join(known)}. "
            "Correct `promotion.gates` in visionloop.yaml or install the plugin.",
            gate=name,
            known=list(known),
        )


class InvalidPolicy(Invalid):
    """The promotion section of the project spec is wrong."""

    code = "invalid_promotion_policy"

    def __init__(self, field: str, expected: str, received: object) -> None:
        super().__init__(
            f"`promotion.{field}` must be {expected}, received {received!r}. "
            "Correct visionloop.yaml and apply it.",
            field=field,
            expected=expected,
            received=repr(received),
        )


class NothingToRollBack(Conflict):
    """Production has no earlier champion."""

    code = "nothing_to_roll_back"

    def __init__(self, project: str, endpoint: str) -> None:
        super().__init__(
            f"Endpoint {endpoint!r} of {project!r} has no earlier champion to return to: "
            "no promotion that is still live replaced one.",
            project=project,
            endpoint=endpoint,
        )


class EvidenceMissing(Invalid):
    """A gate cannot judge, because the package lacks what it looks at."""

    code = "promotion_evidence_missing"

    def __init__(self, digest: str, reason: str) -> None:
        super().__init__(
            f"Package {digest[:12]} cannot be judged: {reason}. "
            "Evaluate the run on a test split and register it again.",
            digest=digest,
            reason=reason,
        )
