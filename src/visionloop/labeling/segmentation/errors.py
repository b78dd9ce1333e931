"""What can go wrong with interactive segmentation."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Invalid


class PromptInvalid(Invalid):
    """Nothing was pointed at, or something outside the image."""

    code = "segment_prompt"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing can be outlined: {reason}.", reason=reason)


class RuntimeUnknown(Invalid):
    """No such segmentation runtime."""

    code = "segment_runtime_unknown"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no segmentation runtime {name!r}; known are {', '.join(sorted(known))}. "
            "Set settings.labeling.segmenter.runtime to one of them.",
            name=name,
        )


class SegmenterUnusable(Invalid):
    """The files of a segmentation model do not fit."""

    code = "segmenter_unusable"

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The segmentation model at {where} cannot be used: {reason}. Point "
            "settings.labeling.segmenter at an encoder and a decoder in ONNX.",
            where=where,
        )
