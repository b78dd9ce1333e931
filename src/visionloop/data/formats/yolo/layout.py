"""Where a YOLO set keeps its images, labels and class names."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from visionloop.data.entities import SPLITS, Split
from visionloop.data.formats.images import is_image_name
from visionloop.data.formats.labels import split_named, split_of
from visionloop.data.formats.ports import LabelSource

ALL: Final = "all"
"""Folder of images without a split."""

_NOT_LABELS: Final = frozenset({"classes", "readme", "train", "val", "valid", "test", "notes"})


@dataclass(frozen=True)
class Description:
    """What the YAML file of a set says.

    Attributes:
        path: of the YAML file; "" where there is none.
        names: class names by number.
        keypoints: number of keypoints and values for each, for pose.
        joints: names of the keypoints.
        splits: split to what the file names for it.
    """

    path: str = ""
    names: Mapping[int, str] | None = None
    keypoints: tuple[int, int] | None = None
    joints: tuple[str, ...] = ()
    splits: Mapping[Split, tuple[str, ...]] | None = None


def find_description(source: LabelSource) -> Description:
    """Return what data.yaml, or a classes.txt beside the labels, says."""
    for path in sorted(source.paths, key=lambda path: (path.count("/"), path)):
        if path.lower().endswith((".yaml", ".yml")):
            content = _yaml(source.read(path))
            if isinstance(content, dict) and "names" in content:
                return _described(path, content)
    for path in source.paths:
        if PurePosixPath(path).name in ("classes.txt", "obj.names", "labels.txt"):
            lines = source.read(path).decode("utf-8", errors="replace").splitlines()
            return Description(path, dict(enumerate(line.strip() for line in lines)))
    return Description()


def label_files(source: LabelSource) -> dict[str, str | None]:
    """Return the text files with labels, each with the image it belongs to where that is there."""
    images = {_stem(path): path for path in source.paths if is_image_name(path)}
    found: dict[str, str | None] = {}
    for path in source.paths:
        if not path.endswith(".txt"):
            continue
        image = next((images[stem] for stem in _image_stems(path) if stem in images), None)
        in_labels = "labels" in PurePosixPath(path).parts[:-1]
        if image is not None or (in_labels and PurePosixPath(path).stem.lower() not in _NOT_LABELS):
            found[path] = image
    return found


def listed_splits(source: LabelSource, described: Description) -> dict[str, Split]:
    """Return the split of every image that the description or its lists name.

    Roboflow writes ``../train/images`` although the folder lies beside the file, so the part of a
    path that exists below the set is what counts. Where one folder stands for two splits, as
    tutorials do, it is the one that comes first: train, val, test.
    """
    found: dict[str, Split] = {}
    base = PurePosixPath(described.path).parent
    known = set(source.paths)
    images = [path for path in source.paths if is_image_name(path)]
    folders = {str(above) for path in images for above in PurePosixPath(path).parents}
    for split in reversed(SPLITS):
        for place in (described.splits or {}).get(split, ()):
            if place.endswith(".txt"):
                listed = _existing(_inside(base, place), known)
                text = source.read(listed).decode("utf-8", errors="replace") if listed else ""
                found |= {
                    _existing(_inside(base, line), known): split for line in text.splitlines()
                }
                continue
            wanted = _inside(base, place)
            folder = _existing(wanted, folders)
            if folder or not wanted:
                inside = f"{folder}/" if folder else ""
                found |= {path: split for path in images if path.startswith(inside)}
    return found


def _existing(path: str, known: Container[str]) -> str:
    """Drop folders from the front of a path until it is there; "" when it never is."""
    parts = path.split("/")
    return next((p for i in range(len(parts)) if (p := "/".join(parts[i:])) in known), "")


def _described(path: str, content: Mapping[str, Any]) -> Description:
    names, shape = content["names"], content.get("kpt_shape")
    numbered = enumerate(names) if isinstance(names, list) else dict(names or {}).items()
    splits: dict[Split, tuple[str, ...]] = {}
    root = str(content.get("path") or "")
    for key, value in content.items():
        split = split_named(str(key))
        places = value if isinstance(value, list) else [value]
        if split is not None and value:
            # An absolute path is one of another machine; a relative one is part of the layout.
            prefix = "" if root.startswith("/") or root in ("", ".") else f"{root}/"
            splits[split] = tuple(prefix + str(place) for place in places)
    points = None
    if isinstance(shape, list) and len(shape) == 2:
        points = (int(shape[0]), int(shape[1]))
    joints = content.get("kpt_names") or {}
    joints = joints.get(0, ()) if isinstance(joints, dict) else joints
    return Description(
        path,
        {int(number): str(name) for number, name in numbered if str(number).isdigit()},
        points,
        tuple(map(str, joints)),
        splits,
    )


def _inside(base: PurePosixPath, place: str) -> str:
    """Join a path of the description to its folder; what leads out of the set stays inside."""
    parts: list[str] = list(base.parts)
    for part in PurePosixPath(place.strip().replace("\\", "/")).parts:
        if part == "..":
            parts = parts[:-1]
        elif part not in (".", "/"):
            parts.append(part)
    return "/".join(parts)


def _image_stems(label_path: str) -> list[str]:
    """Return where the image of a label file may lie, without ending."""
    parts = PurePosixPath(label_path).with_suffix("").parts
    places = [i for i, part in enumerate(parts[:-1]) if part == "labels"]
    stems = ["/".join((*parts[:i], "images", *parts[i + 1 :])) for i in reversed(places)]
    stems += ["/".join((*parts[:i], *parts[i + 1 :])) for i in reversed(places)]
    return [*stems, "/".join(parts)]


def _stem(path: str) -> str:
    return PurePosixPath(path).with_suffix("").as_posix()


def _yaml(data: bytes) -> Any:
    try:
        return yaml.safe_load(data.decode("utf-8", errors="replace"))
    except yaml.YAMLError:
        return None


def logical_name(path: str) -> str:
    """Return an image's name without the folders that the layout adds."""
    parts = PurePosixPath(path).parts
    first, second = parts[0], parts[1] if len(parts) > 2 else ""
    if first in ("images", "labels"):
        parts = parts[2 if second == ALL or split_named(second) else 1 :]
    elif second in ("images", "labels") and split_named(first):
        parts = parts[2:]
    return "/".join(parts)


def split_of_path(path: str) -> Split | None:
    """Read the split of an image or label file from the folders of the layout."""
    parts = PurePosixPath(path).parts
    return None if parts[1:2] == (ALL,) else split_of(path)
