"""What an exchange with another labeling tool offers; built-ins and plugins alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from visionloop.labeling.exchange.entities import OutgoingImage, RemoteImage


@dataclass(frozen=True)
class ExchangeOptions:
    """Where the other tool is.

    Attributes:
        token: secret; never stored.
        remote_project: id of the project or task there.
        classes: of our project, in order.
    """

    url: str
    token: str
    remote_project: str
    classes: tuple[str, ...]


class LabelExchange(Protocol):
    """Speaks the REST API of one labeling tool."""

    def list_images(self) -> Sequence[RemoteImage]:
        """Return every image of ours that the other tool has, with its labels."""
        ...

    def send_images(self, images: Sequence[OutgoingImage]) -> None:
        """Give the other tool images that it does not have."""
        ...

    def write_labels(self, remote: RemoteImage, image: OutgoingImage) -> None:
        """Replace the labels of an image there by ours."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


OpenExchange = Callable[[ExchangeOptions], LabelExchange]
"""What an entry point of ``visionloop.exchanges`` names."""
