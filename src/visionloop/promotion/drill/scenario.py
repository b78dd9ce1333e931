"""Dividing photos into training, clean traffic, shifted traffic and an unseen measure."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image as PillowImage

from visionloop.data.exif import read_exif
from visionloop.data.formats.class_folders import folder_classes
from visionloop.data.formats.images import is_image_name
from visionloop.data.grouping import Groupable, group_images, parse_rule
from visionloop.data.hashing import dhash
from visionloop.data.imaging import decode_image
from visionloop.data.query.facts import facts_of_file, matches
from visionloop.data.rendered.sets import write_classification_set
from visionloop.kernel.digests import sha256_bytes
from visionloop.kernel.errors import Invalid
from visionloop.promotion.drill.entities import Photo, RenderedSizes, Scenario

_CLEAN_SHARE = 0.15
_UNSEEN_SHARE = 0.4
_MAX_CLEAN = 200
_MIN_SHIFTED = 60
_SESSION_RULE = "exif-session"
_DUPLICATE_RULE = "near-duplicate"


class DrillDataUnfit(Invalid):
    """The folder cannot play a drill."""

    code = "drill_data_unfit"


def scenario_from_folder(
    folder: Path,
    hold_back: str,
    *,
    project: str,
    work_dir: Path,
    recipe: Mapping[str, Any],
    retraining: Mapping[str, Any],
) -> Scenario:
    """Divide class folders of real photos by a condition on their EXIF or name.

    Args:
        folder: Class folders.
        hold_back: Condition that the shifted photos meet, ``exif.Model=Canon EOS 550D``.
        project: Name of the project to play in.
        work_dir: Where the training photos are laid out (hard links where the file system can).
        recipe: Parameters of the first training.
        retraining: Parameters of the second training.

    Raises:
        DrillDataUnfit: There are no class folders, or too few photos on one side.
    """
    photos = _read_photos(folder, hold_back)
    usual = [photo for photo, is_held_back in photos if not is_held_back]
    held_back = [photo for photo, is_held_back in photos if is_held_back]
    if len(held_back) < _MIN_SHIFTED or len(usual) < 4 * _MIN_SHIFTED:
        raise DrillDataUnfit(
            f"'{hold_back}' holds back {len(held_back)} of {len(photos)} photos. A drill needs at "
            f"least {_MIN_SHIFTED} held back and {4 * _MIN_SHIFTED} others.",
            num_held_back=len(held_back),
        )
    clean, training = _take_groups(usual, _CLEAN_SHARE)
    unseen, shifted = _take_groups(held_back, _UNSEEN_SHARE)
    training_folder = work_dir / "training"
    _lay_out(training, training_folder)
    has_sessions = all(photo.group.startswith("session:") for photo in training)
    return Scenario(
        project=project,
        description=f"{folder.name}: {len(photos)} photos; '{hold_back}' held back.",
        classes=tuple(sorted({photo.label for photo, _ in photos})),
        training_folder=training_folder,
        group_by=_SESSION_RULE if has_sessions else _DUPLICATE_RULE,
        clean=tuple(clean[:_MAX_CLEAN]),
        shifted=tuple(shifted),
        unseen=tuple(unseen),
        shift=hold_back,
        recipe=recipe,
        retraining=retraining,
    )


def rendered_scenario(
    *,
    work_dir: Path,
    seed: int,
    recipe: Mapping[str, Any],
    retraining: Mapping[str, Any],
    sizes: RenderedSizes | None = None,
) -> Scenario:
    """Render machined parts seen by camera A, and later by camera B, deterministic by seed."""
    wanted = sizes or RenderedSizes()
    folders = {
        "training": ("line-A", wanted.training, seed),
        "clean": ("line-A", wanted.clean, seed + 1),
        "shifted": ("line-B", wanted.shifted, seed + 2),
        "unseen": ("line-B", wanted.unseen, seed + 3),
    }
    for name, (camera, num_images, own_seed) in folders.items():
        folder = work_dir / name
        if not folder.is_dir():
            partial = work_dir / f".{name}"
            write_classification_set(partial, camera=camera, num_images=num_images, seed=own_seed)
            partial.rename(folder)
    streams = {
        name: tuple(_interleave(_labelled(work_dir / name)))
        for name in ("clean", "shifted", "unseen")
    }
    return Scenario(
        project="parts",
        description="Machined parts on a conveyor belt, rendered; a second camera joins the line.",
        classes=("bolt", "gear", "nut", "washer"),
        training_folder=work_dir / "training",
        group_by=r"path:([^/]+)_\d+\.jpg$",
        clean=streams["clean"],
        shifted=streams["shifted"],
        unseen=streams["unseen"],
        shift="camera B joins the line: another belt, warmer light from the other side, softer",
        recipe=recipe,
        retraining=retraining,
    )


def _read_photos(folder: Path, hold_back: str) -> list[tuple[Photo, bool]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    relative = [path.relative_to(folder).as_posix() for path in paths if is_image_name(path.name)]
    labels = folder_classes(relative, ())
    if not labels:
        raise DrillDataUnfit(
            f"{folder} holds no class folders. Lay photos out as CLASS/PHOTO.jpg.",
            folder=str(folder),
        )
    found: list[tuple[Photo, bool]] = []
    groupables: list[Groupable] = []
    for name, label in labels.items():
        data = (folder / name).read_bytes()
        image_id = sha256_bytes(data)
        with PillowImage.open(folder / name) as opened:
            exif = read_exif(opened)
        groupable = Groupable(image_id, name, exif, dhash(decode_image(data)), label)
        groupables.append(groupable)
        held_back = matches(facts_of_file(name, exif), hold_back)
        found.append((Photo(image_id, folder / name, label, ""), held_back))
    groups = _group(groupables)
    unique = {photo.image_id: (photo, held_back) for photo, held_back in found}
    return [
        (replace(photo, group=groups.get(photo.image_id, photo.image_id)), held_back)
        for photo, held_back in unique.values()
    ]


def _group(images: Sequence[Groupable]) -> dict[str, str]:
    """Group by capture session where EXIF tells, else by near-duplicates."""
    keys: dict[str, str] = {}
    for rule in (_DUPLICATE_RULE, _SESSION_RULE):
        grouping = group_images(parse_rule(rule), images)
        keys |= grouping.keys if grouping else {}
    return keys


def _take_groups(photos: Sequence[Photo], share: float) -> tuple[list[Photo], list[Photo]]:
    """Take whole groups, spread evenly over the order of their keys, until ``share`` is met."""
    by_group: dict[str, list[Photo]] = defaultdict(list)
    for photo in sorted(photos, key=lambda photo: (photo.group, photo.path.name)):
        by_group[photo.group].append(photo)
    taken: list[Photo] = []
    left: list[Photo] = []
    for members in by_group.values():
        seen = len(taken) + len(left)
        is_short = len(taken) < share * (seen + len(members))
        (taken if is_short else left).extend(members)
    return list(_interleave(taken)), list(_interleave(left))


def _interleave(photos: Iterable[Photo]) -> list[Photo]:
    """Order photos as traffic: by digest, which mixes classes and groups the same way each time."""
    return sorted(photos, key=lambda photo: photo.image_id)


def _lay_out(photos: Iterable[Photo], folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    for photo in photos:
        target = folder / photo.label / photo.path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(photo.path.resolve())
        except OSError:  # another file system
            shutil.copy2(photo.path, target)


def _labelled(folder: Path) -> list[Photo]:
    return [
        Photo(sha256_bytes(path.read_bytes()), path, path.parent.name, path.stem.rsplit("_", 1)[0])
        for path in sorted(folder.glob("*/*.jpg"))
    ]
