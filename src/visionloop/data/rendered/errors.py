"""What can be asked of the renderer that it cannot draw."""

from __future__ import annotations

from visionloop.data.rendered.cameras import CAMERAS
from visionloop.kernel.errors import Invalid


class UnknownCamera(Invalid):
    """No station of the rendered line has this name."""

    code = "unknown_camera"

    def __init__(self, name: str) -> None:
        known = ", ".join(sorted(CAMERAS))
        super().__init__(
            f"The rendered line has no camera {name!r}; use one of: {known}.", camera=name
        )
