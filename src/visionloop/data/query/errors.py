"""What can go wrong when images are chosen."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Conflict, Invalid, NotFound


class FilterInvalid(Invalid):
    """An image filter is not understood.

    Args:
        position: index of the character where it stops making sense.
        suggestion: what was probably meant.
    """

    code = "filter_invalid"

    def __init__(
        self, text: str, reason: str, *, position: int = 0, suggestion: str | None = None
    ) -> None:
        super().__init__(
            f"Filter {text!r} is not understood at character {position + 1}: {reason}. Expected "
            "for example 'label:bolt and luminance_mean < 40 and not tag:blurry'.",
            filter=text,
            reason=reason,
            position=position,
            suggestion=suggestion,
        )


class SortInvalid(Invalid):
    """Images cannot be ordered like this, or a page does not belong to this order."""

    code = "sort_invalid"

    def __init__(self, sort: str, reason: str) -> None:
        super().__init__(f"Sort {sort!r} cannot be used: {reason}.", sort=sort, reason=reason)


class FieldInvalid(Invalid):
    """A field does not exist, or cannot be used like this."""

    code = "field_invalid"

    def __init__(self, field: str, known: Sequence[str], suggestion: str | None) -> None:
        hint = f"Did you mean {suggestion!r}? " if suggestion else ""
        super().__init__(
            f"Field {field!r} cannot be used here. {hint}Known are {', '.join(known)}.",
            field=field,
            known=list(known),
            suggestion=suggestion,
        )


class TagInvalid(Invalid):
    """A tag has characters that filters cannot name."""

    code = "tag_invalid"

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"{tag!r} is no tag. Expected 1 to 100 characters, none of , * \" ( ), and not 'none'.",
            tag=tag,
        )


class SelectionInvalid(Invalid):
    """A bulk action was given neither ids nor a query, or both."""

    code = "selection_invalid"

    def __init__(self) -> None:
        super().__init__("Select images either by their ids or by a query.")


class ViewNotFound(NotFound):
    """No such saved view, or none that the caller may see."""

    code = "image_view_not_found"

    def __init__(self, project: str, name: str) -> None:
        super().__init__(
            f"Project {project!r} has no view {name!r} that you see. List views to see them.",
            project=project,
            name=name,
        )


class ViewTaken(Conflict):
    """The name of a view belongs to somebody else."""

    code = "image_view_taken"

    def __init__(self, name: str, owner: str) -> None:
        super().__init__(
            f"The view {name!r} belongs to {owner}. Save yours under another name.",
            name=name,
            owner=owner,
        )
