"""What outside code asks for that cannot be done, with what mends it."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict, Invalid, NotFound


class SearchInvalid(Invalid):
    """A filter or an order cannot be read."""

    code = "search_invalid"

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(
            f"Cannot read {text!r}: {problem}. Write comparisons such as metrics.accuracy > 0.9, "
            "params.lr = '0.1', tags.team LIKE 'vision%' or attributes.status = 'FINISHED', "
            "joined by AND.",
            text=text,
        )


class NameInvalid(Invalid):
    """A name or key is empty or too long."""

    code = "tracking_name"

    def __init__(self, what: str, name: str, limit: int) -> None:
        super().__init__(
            f"{what} must have 1 to {limit} characters; received {len(name)}: {name[:60]!r}.",
            what=what,
            limit=limit,
        )


class ParameterFixed(Invalid):
    """A parameter is logged once; another value would rewrite what the run was given."""

    code = "parameter_fixed"

    def __init__(self, key: str, old: str, new: str) -> None:
        super().__init__(
            f"Parameter {key!r} was logged as {old[:80]!r} and cannot become {new[:80]!r}. Start "
            "another run, or log it under another name.",
            key=key,
        )


class RunLedByJob(Conflict):
    """Only the job of a run says how the run goes."""

    code = "run_led_by_job"

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"Run {run_id} is led by a training job, which alone starts and ends it. Cancel it "
            "with 'visionloop train cancel', or create a run of your own.",
            run_id=run_id,
        )


class PutAside(Conflict):
    """What is deleted takes no changes until it is restored."""

    code = "put_aside"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"{what} {name!r} is deleted. Restore it first.", name=name)


class TagNotFound(NotFound):
    """There is no tag of this name."""

    code = "tag_not_found"

    def __init__(self, owner: str, key: str) -> None:
        super().__init__(f"{owner} has no tag {key!r}.", owner=owner, key=key)


class ModelUnknown(NotFound):
    """No such logged model in this project."""

    code = "logged_model_not_found"

    def __init__(self, model_id: str, project: str) -> None:
        super().__init__(
            f"Project {project!r} has no logged model {model_id!r}.", model_id=model_id
        )


class PathUnsafe(Invalid):
    """A path leads out of the folder it belongs to, or names nothing."""

    code = "artifact_path"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path!r} cannot be the path of a file; use a relative path without '..', at most "
            "500 characters long.",
            path=path,
        )
