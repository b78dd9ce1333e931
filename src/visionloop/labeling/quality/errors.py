"""What can go wrong with hidden tests."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Conflict


class GoldUnproven(Conflict):
    """Images without accepted labels cannot test anybody."""

    code = "gold_unproven"

    def __init__(self, image_ids: Sequence[str]) -> None:
        shown = ", ".join(image_ids[:3]) + (" ..." if len(image_ids) > 3 else "")
        super().__init__(
            f"{len(image_ids)} of the images have no accepted labels ({shown}), so nobody can be "
            "measured by them. Review them first.",
            image_ids=list(image_ids),
        )
