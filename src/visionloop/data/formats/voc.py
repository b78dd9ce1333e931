"""Pascal VOC: one XML file of boxes per image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from visionloop.data.entities import AnnotationDraft, Split
from visionloop.data.formats.labels import ImportedLabels, PathIndex, is_split_name, split_of

_FLAGS = ("difficult", "truncated", "occluded")


def parse_voc(data: bytes) -> ElementTree.Element | None:
    """Return the root of a VOC file, None when it is something else."""
    # A document type could define entities that expand without end; VOC files have none.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    try:
        root = ElementTree.fromstring(data)  # noqa: S314  entities are refused above
    except (ElementTree.ParseError, ValueError):
        return None
    return root if root.tag == "annotation" else None


def read_voc(
    files: Mapping[str, ElementTree.Element],
    lists: Mapping[str, str],
    image_paths: Sequence[str],
) -> ImportedLabels:
    """Read parsed VOC files.

    Args:
        files: path of each XML file to its root element.
        lists: path to content of the ImageSets text files.
        image_paths: all images of the folder.
    """
    labels = ImportedLabels(used=set(files) | set(lists))
    index = PathIndex(list(image_paths))
    listed = _listed_splits(lists)
    for path, root in files.items():
        stem = PurePosixPath(path).stem
        # Files are often renamed without touching the XML, so their own name counts first.
        image, problem = index.find_stem(stem, near=path)
        file_name = (root.findtext("filename") or "").strip()
        if image is None and file_name:
            image, problem = index.find(file_name, near=path)
        if image is None:
            labels.findings.add(problem or "", path)
            continue
        if image in labels.drafts:
            labels.findings.add("Described by two files; the annotations were joined", image)
        labels.drafts.setdefault(image, []).extend(_drafts(root, path, labels))
        split = listed.get(stem) or split_of(image)
        if split is not None:
            labels.splits[image] = split
        width, height = root.findtext("size/width"), root.findtext("size/height")
        if (width or "").isdigit() and (height or "").isdigit() and int(width or 0) > 0:
            labels.sizes[image] = (int(width or 0), int(height or 0))
    return labels


def _drafts(root: ElementTree.Element, path: str, labels: ImportedLabels) -> list[AnnotationDraft]:
    drafts = []
    for item in root.iter("object"):
        category = (item.findtext("name") or "").strip()
        corners = [item.findtext(f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")]
        try:
            x1, y1, x2, y2 = (float(value or "") for value in corners)
        except ValueError:
            labels.findings.add("Boxes have missing or unreadable corners", path)
            continue
        if not category:
            labels.findings.add("Boxes have no class name", path)
            continue
        attributes: dict[str, Any] = {
            flag: 1 for flag in _FLAGS if (item.findtext(flag) or "0").strip() not in ("0", "")
        }
        pose = (item.findtext("pose") or "").strip()
        if pose and pose != "Unspecified":
            attributes["pose"] = pose
        drafts.append(
            AnnotationDraft(
                category=category,
                kind="box",
                bbox=(x1, y1, x2, y2),
                attributes=attributes,
                source="import",
                author="voc",
            )
        )
    return drafts


def _listed_splits(lists: Mapping[str, str]) -> dict[str, Split]:
    found: dict[str, Split] = {}
    for path, content in lists.items():
        name = PurePosixPath(path).stem
        split = split_of(f"{name}/x") if is_split_name(name) else None
        if split is not None:
            found.update((line.split()[0], split) for line in content.splitlines() if line.split())
    return found
