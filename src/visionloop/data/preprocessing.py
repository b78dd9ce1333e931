"""From a decoded photo to the pixels that a model reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from visionloop.kernel.errors import Invalid

Resize = Literal["squash", "letterbox", "center_crop"]
Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos", "area"]

_RESIZES: Final = ("squash", "letterbox", "center_crop")
_FILTERS: Final = {
    "nearest": PillowImage.Resampling.NEAREST,
    "bilinear": PillowImage.Resampling.BILINEAR,
    "bicubic": PillowImage.Resampling.BICUBIC,
    "lanczos": PillowImage.Resampling.LANCZOS,
    "area": PillowImage.Resampling.BOX,
}


class PreprocessingInvalid(Invalid):
    """A preprocessing description cannot be carried out."""

    code = "preprocessing_invalid"

    def __init__(self, field: str, received: object, expected: str) -> None:
        super().__init__(
            f"Preprocessing field {field!r} is {received!r}; expected {expected}.",
            field=field,
            received=received,
            expected=expected,
        )


@dataclass(frozen=True)
class Placement:
    """Where the source lands in the model's input: ``x_input = x * scale_x + offset_x``."""

    scale_x: float
    scale_y: float
    offset_x: float
    offset_y: float

    def to_input(self, boxes: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Map (N, 4) xyxy boxes from source pixels to input pixels."""
        return np.asarray(boxes, dtype=np.float64) * self._scale() + self._offset()

    def to_source(self, boxes: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Map (N, 4) xyxy boxes from input pixels back to source pixels."""
        return (np.asarray(boxes, dtype=np.float64) - self._offset()) / self._scale()

    def _scale(self) -> NDArray[np.float64]:
        return np.array([self.scale_x, self.scale_y] * 2)

    def _offset(self) -> NDArray[np.float64]:
        return np.array([self.offset_x, self.offset_y] * 2)


@dataclass(frozen=True)
class Preprocessing:
    """The resize that training, evaluation, batch and online scoring share.

    Attributes:
        height, width: pixels of the model input.
        resize: "squash" ignores the aspect ratio; "letterbox" keeps it and pads; "center_crop"
            keeps it and cuts the middle.
        interpolation: antialiased when shrinking.
        crop_fraction: part of the largest possible centre crop that is kept (0.875 is the usual
            "resize to 256, crop 224").
        fill: grey level of the letterbox padding.
    """

    height: int
    width: int
    resize: Resize = "squash"
    interpolation: Interpolation = "bilinear"
    crop_fraction: float = 1.0
    fill: int = 114

    def __post_init__(self) -> None:
        for field, size in (("height", self.height), ("width", self.width)):
            if not 1 <= size <= 8192:
                raise PreprocessingInvalid(field, size, "1 to 8192 pixels")
        if self.resize not in _RESIZES:
            raise PreprocessingInvalid("resize", self.resize, " or ".join(_RESIZES))
        if self.interpolation not in _FILTERS:
            raise PreprocessingInvalid("interpolation", self.interpolation, " or ".join(_FILTERS))
        if not 0.0 < self.crop_fraction <= 1.0:
            raise PreprocessingInvalid("crop_fraction", self.crop_fraction, "over 0 and up to 1")
        if not 0 <= self.fill <= 255:
            raise PreprocessingInvalid("fill", self.fill, "0 to 255")

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Resize one picture.

        Args:
            image: (H, W, 3) uint8 RGB, upright.

        Returns:
            (height, width, 3) uint8 RGB, contiguous.
        """
        height, width = image.shape[:2]
        if self.resize == "squash" and (height, width) == (self.height, self.width):
            return np.ascontiguousarray(image)
        picture = PillowImage.fromarray(np.ascontiguousarray(image))
        resample = _FILTERS[self.interpolation]
        if self.resize != "letterbox":
            region = self._crop(height, width) if self.resize == "center_crop" else None
            return np.array(picture.resize((self.width, self.height), resample, box=region))
        inner_height, inner_width = self._inner_size(height, width)
        top, left = (self.height - inner_height) // 2, (self.width - inner_width) // 2
        canvas = np.full((self.height, self.width, 3), self.fill, dtype=np.uint8)
        inner = np.asarray(picture.resize((inner_width, inner_height), resample))
        canvas[top : top + inner_height, left : left + inner_width] = inner
        return canvas

    def placement(self, height: int, width: int) -> Placement:
        """Say where a (height, width) picture lands, to carry boxes and points across."""
        if self.resize == "center_crop":
            x1, y1, x2, y2 = self._crop(height, width)
            scale_x, scale_y = self.width / (x2 - x1), self.height / (y2 - y1)
            return Placement(scale_x, scale_y, -x1 * scale_x, -y1 * scale_y)
        if self.resize == "letterbox":
            inner_height, inner_width = self._inner_size(height, width)
            top, left = (self.height - inner_height) // 2, (self.width - inner_width) // 2
            return Placement(inner_width / width, inner_height / height, float(left), float(top))
        return Placement(self.width / width, self.height / height, 0.0, 0.0)

    def source_size(self, height: int, width: int) -> tuple[float, float]:
        """Return the (height, width) of the whole picture at the scale that the input needs."""
        placement = self.placement(height, width)
        return height * placement.scale_y, width * placement.scale_x

    def to_dict(self) -> dict[str, Any]:
        """Describe it for a model package."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Preprocessing:
        """Read the description of a model package.

        Raises:
            PreprocessingInvalid: a field is unknown, missing or out of range.
        """
        known = {field.name for field in fields(cls)}
        for name in values:
            if name not in known:
                raise PreprocessingInvalid(name, values[name], f"one of {sorted(known)}")
        for name in ("height", "width"):
            if name not in values:
                raise PreprocessingInvalid(name, None, "a number of pixels")
        return cls(**values)

    def _crop(self, height: int, width: int) -> tuple[float, float, float, float]:
        scale = min(height / self.height, width / self.width) * self.crop_fraction
        crop_height, crop_width = self.height * scale, self.width * scale
        x1, y1 = (width - crop_width) / 2, (height - crop_height) / 2
        return x1, y1, x1 + crop_width, y1 + crop_height

    def _inner_size(self, height: int, width: int) -> tuple[int, int]:
        scale = min(self.height / height, self.width / width)
        return max(1, round(height * scale)), max(1, round(width * scale))
