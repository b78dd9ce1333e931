"""Folders of rendered photos in the layouts that ingest reads: class folders and COCO."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from visionloop.data.rendered.cameras import CAMERAS, Camera
from visionloop.data.rendered.errors import UnknownCamera
from visionloop.data.rendered.parts import KINDS, Part, make_part, seed_of
from visionloop.data.rendered.photos import Photo, render_part, render_scene

GROUP_BY = r"path:([^/]+)_\d+\.jpg"
"""What ingest takes as `group_by` so that photos of one part stay together."""

_FIRST_SHIFT = datetime(2026, 3, 2, 6, 0, 0, tzinfo=UTC)
_SECONDS_BETWEEN_PHOTOS = 37
_EXIF_DESCRIPTION, _EXIF_MAKE, _EXIF_MODEL = 0x010E, 0x010F, 0x0110
_EXIF_IFD, _EXIF_TAKEN = 0x8769, 0x9003


@dataclass(frozen=True, slots=True)
class RenderedSet:
    """What was written.

    Attributes:
        annotations: the COCO file of a scene set, None for class folders.
    """

    folder: Path
    camera: str
    num_images: int
    num_parts: int
    annotations: Path | None


def encode_photo(photo: Photo, *, taken_at: datetime, description: str = "") -> bytes:
    """Returns the JPEG that the camera writes, with EXIF model and time.

    The description is the part id: EXIF `ImageDescription`, the group key of the photo.
    """
    exif = Image.Exif()
    exif[_EXIF_DESCRIPTION] = description
    exif[_EXIF_MAKE] = "Visionloop"
    exif[_EXIF_MODEL] = photo.camera.model
    exif.get_ifd(_EXIF_IFD)[_EXIF_TAKEN] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    buffer = io.BytesIO()
    Image.fromarray(photo.image).save(
        buffer, "JPEG", quality=photo.camera.quality, subsampling=0, exif=exif
    )
    return buffer.getvalue()


def write_classification_set(
    folder: Path,
    *,
    camera: str,
    num_images: int,
    seed: int,
    image_size: int = 160,
    photos_per_part: int = 4,
) -> RenderedSet:
    """Writes `<folder>/<class>/<part id>_<photo>.jpg`, classes balanced.

    The part id is the group key: photos of one part must not be divided between splits. The
    camera is "line-A" or "line-B". Another seed gives other parts; the same one the same bytes.
    """
    num_parts = 0
    for name, data in classification_photos(
        camera=camera,
        num_images=num_images,
        seed=seed,
        image_size=image_size,
        photos_per_part=photos_per_part,
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        num_parts += name.endswith("_0.jpg")
    return RenderedSet(
        folder=folder,
        camera=camera,
        num_images=num_images,
        num_parts=num_parts,
        annotations=None,
    )


def classification_photos(
    *, camera: str, num_images: int, seed: int, image_size: int = 160, photos_per_part: int = 4
) -> Iterator[tuple[str, bytes]]:
    """Yields ("<class>/<file>", JPEG bytes) one by one; streams traffic without a folder."""
    profile = _camera(camera)
    for number in range(num_images):
        index, turn = divmod(number // len(KINDS), photos_per_part)
        part = make_part(KINDS[number % len(KINDS)], seed=seed, index=index)
        photo = render_part(
            part, profile, seed=seed_of("photo", seed, camera, number), image_size=image_size
        )
        data = encode_photo(photo, taken_at=_taken_at(seed, number), description=part.part_id)
        yield f"{part.kind}/{part.part_id}_{turn}.jpg", data


def write_scene_set(
    folder: Path,
    *,
    camera: str,
    num_images: int,
    seed: int,
    image_size: tuple[int, int] = (320, 240),
    max_parts: int = 8,
) -> RenderedSet:
    """Writes `<folder>/images/*.jpg` and `<folder>/annotations.json` (COCO, boxes and polygons).

    The size is width and height in pixels; two to `max_parts` parts lie on each photo.
    """
    profile = _camera(camera)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    width, height = image_size
    for number in range(num_images):
        photo_seed = seed_of("scene", seed, camera, number)
        parts = _scene_parts(seed, number, 2 + photo_seed % (max_parts - 1))
        photo = render_scene(parts, profile, seed=photo_seed, width=width, height=height)
        name = f"scene-{seed}-{number:05d}.jpg"
        data = encode_photo(photo, taken_at=_taken_at(seed, number))
        (folder / "images" / name).write_bytes(data)
        images.append({"id": number + 1, "file_name": name, "width": width, "height": height})
        annotations.extend(_coco_annotations(photo, number + 1, len(annotations) + 1))
    path = folder / "annotations.json"
    categories = [{"id": i + 1, "name": kind} for i, kind in enumerate(KINDS)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(document), encoding="utf-8")
    return RenderedSet(
        folder=folder,
        camera=camera,
        num_images=num_images,
        num_parts=len(annotations),
        annotations=path,
    )


def _scene_parts(seed: int, number: int, count: int) -> tuple[Part, ...]:
    kinds = [KINDS[seed_of("kind", seed, number, slot) % len(KINDS)] for slot in range(count)]
    return tuple(
        make_part(kind, seed=seed, index=number * 100 + slot) for slot, kind in enumerate(kinds)
    )


def _coco_annotations(photo: Photo, image_id: int, first_id: int) -> list[dict[str, Any]]:
    return [
        {
            "id": first_id + offset,
            "image_id": image_id,
            "category_id": KINDS.index(part.kind) + 1,
            "bbox": [
                part.bbox[0],
                part.bbox[1],
                part.bbox[2] - part.bbox[0],
                part.bbox[3] - part.bbox[1],
            ],
            "area": part.area,
            "iscrowd": 0,
            "segmentation": [list(part.polygon)],
            "attributes": {"part_id": part.part_id},
        }
        for offset, part in enumerate(photo.parts)
    ]


def _taken_at(seed: int, number: int) -> datetime:
    shift = timedelta(days=seed % 200, seconds=number * _SECONDS_BETWEEN_PHOTOS)
    return _FIRST_SHIFT + shift


def _camera(name: str) -> Camera:
    if name not in CAMERAS:
        raise UnknownCamera(name)
    return CAMERAS[name]
