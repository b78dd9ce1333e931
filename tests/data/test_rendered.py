"""The renderer: same seed same bytes, exact ground truth, two cameras that differ."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from visionloop.data.rendered.cameras import LINE_A, LINE_B, Camera
from visionloop.data.rendered.errors import UnknownCamera
from visionloop.data.rendered.parts import KINDS, Kind, make_part
from visionloop.data.rendered.photos import PlacedPart, render_part, render_scene
from visionloop.data.rendered.sets import (
    classification_photos,
    write_classification_set,
    write_scene_set,
)


def test_same_seed_writes_the_same_bytes_and_another_seed_others() -> None:
    first = list(classification_photos(camera="line-A", num_images=8, seed=1, image_size=48))
    again = list(classification_photos(camera="line-A", num_images=8, seed=1, image_size=48))
    other = list(classification_photos(camera="line-A", num_images=8, seed=2, image_size=48))
    assert first == again
    assert not {name for name, _ in first} & {name for name, _ in other}
    assert not {data for _, data in first} & {data for _, data in other}


@pytest.mark.parametrize("camera", ["line-A", "line-B"])
def test_class_folders_are_balanced_grouped_by_part_and_carry_exif(
    tmp_path: Path, camera: str
) -> None:
    rendered = write_classification_set(
        tmp_path, camera=camera, num_images=32, seed=5, image_size=64
    )
    files = sorted(tmp_path.rglob("*.jpg"))
    assert len(files) == rendered.num_images == 32
    assert rendered.num_parts == 8
    assert [len(list((tmp_path / kind).iterdir())) for kind in KINDS] == [8, 8, 8, 8]
    for path in files:
        with Image.open(path) as image:
            exif = image.getexif()
            assert image.size == (64, 64)
            assert exif[0x0110] == ("Conveyor Cam A" if camera == "line-A" else "Conveyor Cam B")
            assert exif[0x010E] == path.stem.rsplit("_", 1)[0]
            assert exif.get_ifd(0x8769)[0x9003].startswith("2026:03:")


@pytest.mark.parametrize("kind", KINDS)
def test_box_and_polygon_enclose_what_was_drawn(kind: Kind) -> None:
    """Photographed on a black belt without noise, the bright pixels are the part."""
    part = make_part(kind, seed=3, index=1)
    camera = _plain_camera()
    for seed in range(4):
        photo = render_part(part, camera, seed=seed, image_size=192)
        placed = photo.parts[0]
        rows, columns = np.nonzero(photo.image.max(axis=2) > 40)
        drawn = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert np.abs(np.subtract(drawn, placed.bbox)).max() <= 2.0
        assert _covered(photo.image, placed) > 0.98


def _plain_camera() -> Camera:
    return replace(LINE_A, belt=(0.0, 0.0, 0.0), noise=0.0, blur=0.01, vignette=0.0)


def _covered(image: np.ndarray, placed: PlacedPart) -> float:
    """Share of the bright pixels that lie inside the polygon."""
    mask = Image.new("L", (image.shape[1], image.shape[0]))
    ImageDraw.Draw(mask).polygon(list(placed.polygon), fill=255, outline=255)
    bright = image.max(axis=2) > 60
    return float((bright & (np.asarray(mask) > 0)).sum() / bright.sum())


def test_line_b_has_another_belt_and_is_warmer_softer_and_noisier() -> None:
    parts = [make_part(KINDS[i % 4], seed=9, index=i) for i in range(16)]
    photos = {
        camera.name: np.stack(
            [render_part(part, camera, seed=i).image for i, part in enumerate(parts)]
        ).astype(np.float32)
        for camera in (LINE_A, LINE_B)
    }
    a, b = photos["line-A"], photos["line-B"]
    belt_a, belt_b = (np.median(x[:, :6], axis=(0, 1, 2)) for x in (a, b))
    assert belt_a[2] > belt_a[0]  # bluish
    assert belt_b[0] > 1.2 * belt_b[2]  # brown
    assert b[..., 0].mean() / b[..., 2].mean() > 1.15 * a[..., 0].mean() / a[..., 2].mean()
    assert _edge_strength(b) < 0.75 * _edge_strength(a)
    assert _grain(b) > 1.3 * _grain(a)


def _edge_strength(images: np.ndarray) -> float:
    grey = images.mean(axis=3)
    return float(np.quantile(np.abs(np.diff(grey, n=1, axis=2)), 0.99))


def _grain(images: np.ndarray) -> float:
    # The belt's weave is grey, sensor noise is not: red minus blue shows noise alone.
    grey = (images[..., 0] - images[..., 2])[:, :12, :]
    return float(np.median(np.abs(grey[:, :, 2:] - 2 * grey[:, :, 1:-1] + grey[:, :, :-2])))


def test_scene_parts_lie_apart_and_inside_the_frame() -> None:
    parts = tuple(make_part(KINDS[i % 4], seed=4, index=i) for i in range(7))
    photo = render_scene(parts, LINE_A, seed=11, width=320, height=240)
    assert photo.image.shape == (240, 320, 3)
    assert 3 <= len(photo.parts) <= 7
    for placed in photo.parts:
        x1, y1, x2, y2 = placed.bbox
        assert 0 <= x1 < x2 <= 320
        assert 0 <= y1 < y2 <= 240
        assert 0 < placed.area <= (x2 - x1) * (y2 - y1)


def test_scene_set_is_a_readable_coco_file(tmp_path: Path) -> None:
    rendered = write_scene_set(tmp_path, camera="line-B", num_images=3, seed=1)
    assert rendered.annotations is not None
    document = json.loads(rendered.annotations.read_text())
    assert [c["name"] for c in document["categories"]] == list(KINDS)
    assert len(document["annotations"]) == rendered.num_parts >= 6
    assert len({a["id"] for a in document["annotations"]}) == rendered.num_parts
    for image in document["images"]:
        data = (tmp_path / "images" / image["file_name"]).read_bytes()
        with Image.open(io.BytesIO(data)) as photo:
            assert photo.size == (image["width"], image["height"])
    for annotation in document["annotations"]:
        x, y, width, height = annotation["bbox"]
        xs, ys = annotation["segmentation"][0][::2], annotation["segmentation"][0][1::2]
        assert (x, y) == pytest.approx((min(xs), min(ys)))
        assert (x + width, y + height) == pytest.approx((max(xs), max(ys)))


def test_unknown_camera_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownCamera, match="line-A, line-B"):
        next(classification_photos(camera="line-C", num_images=1, seed=1))
