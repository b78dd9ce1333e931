"""What can go wrong with another labeling tool."""

from __future__ import annotations

from visionloop.kernel.errors import Invalid, Unavailable


class ExchangeFailed(Unavailable):
    """The other tool refused, or does not answer."""

    code = "label_exchange_failed"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"The labeling tool at {url} cannot be used: {reason}. Check its address, the token "
            "and the project there.",
            url=url,
        )


class ExchangeUnknown(Invalid):
    """No such labeling tool."""

    code = "label_exchange_unknown"

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(
            f"There is no exchange {name!r}; known are {', '.join(sorted(known))}.", name=name
        )
