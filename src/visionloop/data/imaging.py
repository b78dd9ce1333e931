"""The one decoder: the same bytes give the same pixels in training, scoring and labeling."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageOps

from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.exif import read_exif
from visionloop.data.preprocessing import Preprocessing

MAX_PIXELS: Final = 64_000_000
Pixels = NDArray[np.uint8]
SizeRule = Callable[[int, int], tuple[float, float]]
"""From the upright (height, width) of a file to the size at which its detail is enough."""

# Hostile files reach this module, so only well-kept parsers are opened. Vector, document and
# multi-program formats (EPS, PDF, FITS, ...) stay closed.
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
_ORIENTATION: Final = 0x0112
# A scaled decode keeps at least this many source pixels for each target pixel, so that the
# antialiased resize after it still sees fine detail.
_OVERSAMPLING: Final = 1.5
# Scales for which libjpeg-turbo has fast code; others cost as much as they save.
_FAST_DIVISORS: Final = (8, 4, 2)

# The size is checked here against the caller's own limit, before any pixel is decoded; Pillow's
# own check would warn at another number.
PillowImage.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class ImageHeader:
    """What a file says about itself before its pixels are decoded.

    Attributes:
        width, height: pixels, as seen upright (EXIF orientation applied).
        mode: Pillow's mode name, e.g. "RGB", "L", "CMYK", "I;16".
        orientation: EXIF orientation, 1 to 8.
    """

    format: str
    width: int
    height: int
    mode: str
    orientation: int
    exif: dict[str, Any]


def read_header(data: bytes, *, max_pixels: int = MAX_PIXELS) -> ImageHeader:
    """Read size, mode and capture metadata without decoding.

    Raises:
        NotAnImage: no supported image format.
        ImageTooLarge: more than ``max_pixels``.
    """
    with _open(data, max_pixels) as image:
        return _header(image)


def read_picture(data: bytes, *, max_pixels: int = MAX_PIXELS) -> tuple[ImageHeader, Pixels]:
    """Read header and pixels at once, which costs less than one after the other.

    Returns:
        What ``read_header`` and ``decode_image`` give.

    Raises:
        NotAnImage: not an image, damaged or truncated.
        ImageTooLarge: more than ``max_pixels``.
    """
    with _open(data, max_pixels) as image:
        header = _header(image)
        return header, _decode_opened(image, data, header.orientation, needed=None)[0]


def decode_image(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Decode a file to upright RGB.

    Args:
        data: the bytes of one image file.
        max_pixels: refuse larger images before decoding.

    Returns:
        (height, width, 3) uint8 RGB, EXIF orientation applied, transparency over white, 16-bit
        values reduced to their high byte.

    Raises:
        NotAnImage: not an image, damaged or truncated.
        ImageTooLarge: more than ``max_pixels``.
    """
    return _decode(data, max_pixels, needed=None)[0]


def decode_reduced(data: bytes, side: int, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Decode to upright RGB, possibly smaller, with a longest side of at least ``side``.

    For thumbnails: a large JPEG costs several times less than with ``decode_image``.

    Raises:
        NotAnImage: not an image, damaged or truncated.
        ImageTooLarge: more than ``max_pixels``.
    """

    def needed(height: int, width: int) -> tuple[float, float]:
        scale = side / max(height, width)
        return height * scale, width * scale

    return _decode(data, max_pixels, needed=needed)[0]


def decode_for(
    data: bytes, preprocessing: Preprocessing, *, max_pixels: int = MAX_PIXELS
) -> Pixels:
    """Decode a file straight to a model's input size.

    Large JPEG files are decoded at a fraction of their size, which is several times cheaper.
    Training, evaluation and every endpoint call this function, so they see equal pixels.

    Returns:
        (preprocessing.height, preprocessing.width, 3) uint8 RGB.

    Raises:
        NotAnImage: not an image, damaged or truncated.
        ImageTooLarge: more than ``max_pixels``.
    """
    return preprocessing.apply(decode_source(data, preprocessing, max_pixels=max_pixels)[0])


def decode_source(
    data: bytes, preprocessing: Preprocessing, *, max_pixels: int = MAX_PIXELS
) -> tuple[Pixels, bool]:
    """Decode a file as far as a model needs it: ``decode_for`` without the resize.

    Returns:
        Upright RGB, and whether it is the whole picture that ``decode_image`` gives, so that
        nobody needs to decode it again to measure it.

    Raises:
        NotAnImage: not an image, damaged or truncated.
        ImageTooLarge: more than ``max_pixels``.
    """
    return _decode(data, max_pixels, needed=preprocessing.source_size)


def _decode(data: bytes, max_pixels: int, needed: SizeRule | None) -> tuple[Pixels, bool]:
    with _open(data, max_pixels) as image:
        return _decode_opened(image, data, _orientation(image), needed)


def _decode_opened(
    image: PillowImage.Image, data: bytes, orientation: int, needed: SizeRule | None
) -> tuple[Pixels, bool]:
    if image.format in ("JPEG", "MPO") and image.mode in ("RGB", "L"):
        pixels = _decode_jpeg(data, image.size, orientation, needed)
        if pixels is not None:
            whole = pixels.shape[0] * pixels.shape[1] == image.size[0] * image.size[1]
            return _upright(pixels, orientation), whole
    return _decode_with_pillow(image), True


def _header(image: PillowImage.Image) -> ImageHeader:
    exif = read_exif(image)
    orientation = _orientation(image)
    # Pillow reports TIFF sizes upright already.
    swapped = orientation >= 5 and image.format != "TIFF"
    width, height = image.size[::-1] if swapped else image.size
    return ImageHeader(
        format=(image.format or "").lower().replace("mpo", "jpeg"),
        width=width,
        height=height,
        mode=image.mode,
        orientation=orientation,
        exif=exif,
    )


def _open(data: bytes, max_pixels: int) -> PillowImage.Image:
    if not data:
        raise NotAnImage("the file is empty")
    try:
        image = PillowImage.open(io.BytesIO(data), formats=_FORMATS)
    except Exception as error:  # parsers of hostile files raise nearly anything
        raise NotAnImage("the content is of no supported image format") from error
    width, height = image.size
    if width * height > max_pixels:
        image.close()
        raise ImageTooLarge(width, height, max_pixels)
    return image


def _orientation(image: PillowImage.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a broken EXIF block says nothing about the pixels
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _decode_jpeg(
    data: bytes, size: tuple[int, int], orientation: int, needed: SizeRule | None
) -> Pixels | None:
    """Decode with libjpeg-turbo; None where it objects and Pillow has to judge."""
    min_width, min_height = 0, 0
    if needed is not None:
        turned = orientation >= 5
        width, height = size[::-1] if turned else size
        least = [side * _OVERSAMPLING for side in needed(height, width)]
        least_height, least_width = least[::-1] if turned else least
        for divisor in _FAST_DIVISORS:
            if size[1] >= least_height * divisor and size[0] >= least_width * divisor:
                min_width, min_height = -(-size[0] // divisor), -(-size[1] // divisor)
                break
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(
            data, colorspace="RGB", min_height=min_height, min_width=min_width, strict=True
        )
    except ValueError:
        return None
    return pixels


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Apply one of the eight EXIF orientations."""
    if orientation == 1:
        return pixels
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _decode_with_pillow(image: PillowImage.Image) -> Pixels:
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        return np.array(_to_rgb(upright), dtype=np.uint8)
    except NotAnImage:
        raise
    except Exception as error:  # parsers of hostile files raise nearly anything
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise NotAnImage(f"the file is damaged or incomplete ({reason})") from error


def _to_rgb(image: PillowImage.Image) -> PillowImage.Image:
    if image.mode.startswith("I"):
        deep = np.asarray(image).astype(np.int64)
        high_byte = np.clip(deep >> 8, 0, 255).astype(np.uint8)
        return PillowImage.fromarray(high_byte).convert("RGB")
    if image.mode == "F":
        raise NotAnImage("floating-point pixels have no agreed range; store 8 or 16 bit")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = PillowImage.new("RGBA", layer.size, (255, 255, 255, 255))
        return PillowImage.alpha_composite(ground, layer).convert("RGB")
    return image.convert("RGB")
