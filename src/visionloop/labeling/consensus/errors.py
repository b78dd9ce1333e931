"""What can go wrong with consensus cases."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict, Invalid, NotFound


class CaseNotFound(NotFound):
    """No such case."""

    code = "label_case_not_found"

    def __init__(self, project: str, case_id: str) -> None:
        super().__init__(
            f"Project {project!r} has no consensus case {case_id!r}.",
            project=project,
            case_id=case_id,
        )


class CaseDecided(Conflict):
    """Somebody decided already."""

    code = "label_case_decided"

    def __init__(self, case_id: str, state: str, by: str | None) -> None:
        super().__init__(
            f"Consensus case {case_id} is {state} already" + (f" by {by}." if by else "."),
            case_id=case_id,
            state=state,
        )


class ChoiceUnknown(Invalid):
    """A reviewer chose what is not on offer."""

    code = "label_case_choice"

    def __init__(self, choice: str, annotators: tuple[str, ...]) -> None:
        super().__init__(
            f"{choice!r} cannot be chosen; take 'merged', the answer of {', '.join(annotators)}, "
            "or 'own' with annotations.",
            choice=choice,
        )
