from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.data.pictures import encoded, picture
from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.imaging import decode_for, decode_image, decode_reduced, read_header
from visionloop.data.preprocessing import Preprocessing


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(format: str, orientation: int) -> None:
    upright = picture(1, 70, 50)
    # The stored pixels are those which the orientation turns back into the upright ones.
    inverse = {6: 8, 8: 6}.get(orientation, orientation)
    tagged = Image.fromarray(upright)
    tagged.getexif()[0x0112] = inverse
    stored = np.asarray(ImageOps.exif_transpose(tagged))

    data = encoded(stored, format, exif={0x0112: orientation})

    shown = decode_image(data)
    assert shown.shape == upright.shape
    assert np.abs(shown.astype(int) - upright).mean() < (3 if format == "JPEG" else 0.01)
    header = read_header(data)
    assert (header.height, header.width) == upright.shape[:2]
    assert header.orientation == orientation


def test_jpeg_pixels_agree_with_an_independent_decoder() -> None:
    data = encoded(picture(2, 320, 240))
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert np.abs(decode_image(data).astype(int) - expected).max() <= 2


@pytest.mark.parametrize(
    ("mode", "format"),
    [("L", "PNG"), ("L", "JPEG"), ("P", "PNG"), ("P", "GIF"), ("1", "PNG"), ("LA", "PNG"),
     ("RGBA", "PNG"), ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "JPEG"), ("RGB", "BMP")],
)  # fmt: skip
def test_every_pixel_mode_becomes_rgb(mode: str, format: str) -> None:
    image = Image.fromarray(picture(3)).convert(mode)
    shown = decode_image(saved(image, format))
    assert shown.shape == (36, 48, 3)
    assert shown.dtype == np.uint8
    grey = np.asarray(Image.fromarray(picture(3)).convert("L")).astype(float)
    found = np.asarray(Image.fromarray(shown).convert("L")).astype(float)
    least = 0.3 if mode in ("1", "P") else 0.95
    assert np.corrcoef(found.ravel(), grey.ravel())[0, 1] > least


def test_sixteen_bit_grey_keeps_its_range() -> None:
    ramp = np.linspace(0, 65535, 64 * 8).astype(np.uint16).reshape(8, 64)
    shown = decode_image(saved(Image.fromarray(ramp), "PNG"))
    assert shown.shape == (8, 64, 3)
    assert shown.min() == 0
    assert shown.max() == 255
    assert np.array_equal(shown[..., 0], (ramp >> 8).astype(np.uint8))


def test_transparent_pixels_are_white() -> None:
    hidden = np.zeros((4, 4, 4), dtype=np.uint8)
    assert decode_image(saved(Image.fromarray(hidden, "RGBA"), "PNG")).min() == 255


def test_palette_with_transparency_is_laid_over_white() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([10, 20, 30] + [0] * 765)
    assert decode_image(saved(image, "PNG", transparency=0)).min() == 255


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_truncated_file_is_refused(format: str) -> None:
    data = encoded(picture(4, 200, 150), format)
    with pytest.raises(NotAnImage):
        decode_image(data[: len(data) // 2])


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\xff\xd8\xff", b"GIF89a", b"%PDF-1.4 ", b"\x00" * 999]
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    for read in (decode_image, read_header):
        with pytest.raises(NotAnImage):
            read(data)


def test_a_decompression_bomb_is_refused_by_its_header_alone() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with pytest.raises(ImageTooLarge) as caught:
        decode_image(bomb)
    assert caught.value.details["width"] == 60_000


def test_the_pixel_limit_is_the_callers() -> None:
    data = encoded(picture(5, 40, 30))
    assert decode_image(data, max_pixels=1200).shape == (30, 40, 3)
    for read in (decode_image, read_header):
        with pytest.raises(ImageTooLarge):
            read(data, max_pixels=1199)


def test_a_broken_exif_block_does_not_hide_the_picture() -> None:
    data = encoded(picture(6), exif={0x0112: 6})
    start = data.index(b"Exif\x00\x00") + 6
    broken = data[:start] + b"\xff" * 12 + data[start + 12 :]
    assert decode_image(broken).shape[2] == 3


def test_exif_is_read_and_cleaned() -> None:
    tags = {0x010F: "Maker\x00", 0x0110: " EOS 5D ", 0x9003: "2026:01:02 03:04:05", 0x829A: 0.004}
    data = encoded(picture(7), exif=tags)
    exif = read_header(data).exif
    assert exif["Make"] == "Maker"
    assert exif["Model"] == "EOS 5D"
    assert exif["DateTimeOriginal"] == "2026:01:02 03:04:05"
    assert exif["ExposureTime"] == pytest.approx(0.004)


def test_the_place_is_not_read() -> None:
    image = Image.fromarray(picture(8))
    block = image.getexif()
    block.get_ifd(0x8825)[1] = "N"
    data = saved(image, "JPEG", exif=block)
    assert not any("GPS" in name for name in read_header(data).exif)


def test_a_scaled_decode_is_nearly_the_full_one() -> None:
    data = encoded(picture(9, 1600, 1200))
    preprocessing = Preprocessing(224, 224)
    full = preprocessing.apply(decode_image(data))
    assert np.abs(decode_for(data, preprocessing).astype(int) - full).mean() < 1.0


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("resize", ["squash", "letterbox", "center_crop"])
def test_a_scaled_decode_turns_and_places_like_the_full_one(orientation: int, resize: str) -> None:
    data = encoded(picture(10, 1200, 500), exif={0x0112: orientation})
    preprocessing = Preprocessing(64, 96, resize=resize)  # type: ignore[arg-type]
    full = preprocessing.apply(decode_image(data))
    assert np.abs(decode_for(data, preprocessing).astype(int) - full).mean() < 3.0


def test_equal_bytes_give_equal_pixels_whoever_asks() -> None:
    data = encoded(picture(11, 640, 480))
    preprocessing = Preprocessing(160, 160)
    again = Preprocessing.from_dict(preprocessing.to_dict())
    assert np.array_equal(decode_for(data, preprocessing), decode_for(bytes(data), again))


def test_a_reduced_decode_is_smaller_but_large_enough() -> None:
    reduced = decode_reduced(encoded(picture(12, 1600, 800)), 128)
    assert 128 <= max(reduced.shape[:2]) < 1600


def test_real_photos_agree_with_an_independent_decoder(shared_data: Path) -> None:
    paths = sorted((shared_data / "datasets" / "trashnet80").rglob("*.jpg"))[::60]
    assert paths
    for path in paths:
        data = path.read_bytes()
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        assert upright is not None
        expected = np.asarray(upright.convert("RGB"))
        assert np.abs(decode_image(data).astype(int) - expected).max() <= 3


def test_real_turned_photos_come_out_upright(shared_data: Path) -> None:
    turned = 0
    for path in sorted((shared_data / "datasets" / "signdigits").rglob("*.JPG")):
        data = path.read_bytes()
        if len(data) < 500_000:
            continue
        header = read_header(data)
        turned += header.orientation == 6
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        assert upright is not None
        expected = Preprocessing(96, 96).apply(np.asarray(upright.convert("RGB")))
        shown = decode_for(data, Preprocessing(96, 96))
        assert np.abs(shown.astype(int) - expected).mean() < 1.0
    assert turned
