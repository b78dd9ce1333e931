"""Pascal VOC: one XML file of boxes per image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import IO, Any, Final
from xml.etree import ElementTree

from visionloop.data.entities import AnnotationDraft, Split
from visionloop.data.formats.entities import (
    SHAPES,
    Holds,
    Label,
    LabelCategory,
    LabeledImage,
    LabelSet,
)
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.labels import is_split_name, split_named, split_of
from visionloop.data.formats.losses import Survey
from visionloop.data.formats.ports import AnnotationFormat, LabelSource, ReadHints
from visionloop.data.formats.shapes import bounds
from visionloop.data.formats.target import ExportTarget, Names
from visionloop.data.formats.xml_text import child, number_text, parse_xml, write_element

_FLAGS: Final = ("difficult", "truncated", "occluded")
_LABELMAP: Final = "labelmap.txt"
_CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")


def parse_voc(data: bytes) -> ElementTree.Element | None:
    """Return the root of a VOC file, None when it is something else."""
    root = parse_xml(data)
    return root if root is not None and root.tag == "annotation" else None


def detect(source: LabelSource) -> str | None:
    """Say which files are VOC."""
    found = _files(source)
    return f"{len(found)} XML files such as {found[0]}" if found else None


def read(source: LabelSource, hints: ReadHints) -> LabelSet:
    """Read all VOC files of a source and its ImageSets lists."""
    files, lists = _files(source), _lists(source)
    findings = Findings()
    listed = _listed_splits(source, lists)
    maps = [path for path in source.paths if PurePosixPath(path).name == _LABELMAP]
    categories = {name: LabelCategory(name) for path in maps for name in _mapped(source.read(path))}
    for path in files:
        root = parse_voc(source.read(path))
        for item in root.findall("object") if root is not None else ():
            name = (item.findtext("name") or "").strip()
            if name:
                categories.setdefault(name, LabelCategory(name))

    def stream() -> Iterator[LabeledImage]:
        findings.clear()
        for path in files:
            root = parse_voc(source.read(path))
            if root is not None:
                yield _image(root, path, listed, findings)

    return LabelSet(tuple(categories.values()), stream, findings, {*files, *lists, *maps})


def write(labels: LabelSet, target: ExportTarget, survey: Survey) -> None:
    """Write Annotations, ImageSets/Main and, where wanted, JPEGImages."""
    taken = Names(by_stem=True)
    with target.open_text(_LABELMAP) as file:
        # Other readers know no classes but the twenty of the challenge without it.
        file.write("# label:color_rgb:parts:actions\n")
        file.writelines(f"{category.name}:::\n" for category in labels.categories)
    with ExitStack() as stack:
        lists: dict[str, IO[str]] = {
            split: stack.enter_context(target.open_text(f"ImageSets/Main/{split}.txt"))
            for split in sorted(name for name in survey.splits if name)
        }
        for image in labels:
            name = taken.take(image.name)
            stem = PurePosixPath(name).with_suffix("").as_posix()
            write_element(_root(image, name), target.place(f"Annotations/{stem}.xml"))
            target.add_image(f"JPEGImages/{name}", image)
            if image.split:
                lists[image.split].write(f"{stem}\n")


def _mapped(data: bytes) -> Iterator[str]:
    """Yield the classes of a label map."""
    for line in data.decode("utf-8", errors="replace").splitlines():
        if line.count(":") >= 3 and not line.startswith("#"):
            yield line.rsplit(":", 3)[0].strip()


def _files(source: LabelSource) -> list[str]:
    return [
        path
        for path in source.paths
        if path.lower().endswith(".xml") and parse_voc(source.read(path)) is not None
    ]


def _lists(source: LabelSource) -> list[str]:
    return [
        path
        for path in source.paths
        if "ImageSets" in PurePosixPath(path).parts and path.endswith(".txt")
    ]


def _image(
    root: ElementTree.Element, path: str, listed: Mapping[str, Split], findings: Findings
) -> LabeledImage:
    file_name = (root.findtext("filename") or "").strip()
    inside = path.removeprefix("Annotations/")
    # Files are often renamed without touching the XML, so their own name counts first.
    name = PurePosixPath(inside).with_suffix(PurePosixPath(file_name).suffix).as_posix()
    stem = PurePosixPath(inside).with_suffix("").as_posix()
    width, height = (root.findtext(f"size/{side}") or "" for side in ("width", "height"))
    sized = width.isdigit() and height.isdigit() and int(width) > 0 and int(height) > 0
    return LabeledImage(
        name=name,
        annotations=tuple(_drafts(root, path, findings)),
        width=int(width) if sized else None,
        height=int(height) if sized else None,
        split=listed.get(stem) or listed.get(stem.rpartition("/")[2]) or split_of(path),
        label_file=path,
    )


def _drafts(root: ElementTree.Element, path: str, findings: Findings) -> Iterator[AnnotationDraft]:
    for item in root.findall("object"):
        category = (item.findtext("name") or "").strip()
        box = _box(item)
        if box is None:
            findings.add("Boxes have missing or unreadable corners", path)
        elif not category:
            findings.add("Boxes have no class name", path)
        else:
            yield AnnotationDraft(
                category=category,
                kind="box",
                bbox=box,
                attributes=_attributes(item),
                source="import",
            )


def _attributes(item: ElementTree.Element) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        flag: 1 for flag in _FLAGS if (item.findtext(flag) or "0").strip() not in ("0", "")
    }
    pose = (item.findtext("pose") or "").strip()
    if pose and pose != "Unspecified":
        attributes["pose"] = pose
    for extra in item.iterfind("attributes/attribute"):
        attributes[extra.findtext("name") or ""] = extra.findtext("value") or ""
    parts = [
        {"name": (part.findtext("name") or "").strip(), "bbox": list(box)}
        for part in item.iterfind("part")
        if (box := _box(part)) is not None
    ]
    return attributes | ({"parts": parts} if parts else {})


def _box(item: ElementTree.Element) -> tuple[float, float, float, float] | None:
    try:
        x1, y1, x2, y2 = (float(item.findtext(f"bndbox/{side}") or "") for side in _CORNERS)
    except ValueError:
        return None
    return (x1, y1, x2, y2)


def _listed_splits(source: LabelSource, lists: list[str]) -> dict[str, Split]:
    found: dict[str, Split] = {}
    for path in lists:
        name = PurePosixPath(path).stem
        split = split_named(name) if is_split_name(name) else None
        if split is not None:
            text = source.read(path).decode("utf-8", errors="replace")
            found.update((line.strip(), split) for line in text.splitlines() if line.strip())
    return found


def _root(image: LabeledImage, name: str) -> ElementTree.Element:
    root = ElementTree.Element("annotation")
    child(root, "folder", "JPEGImages")
    child(root, "filename", name)
    if image.width and image.height:
        size = child(root, "size")
        for side, value in (("width", image.width), ("height", image.height), ("depth", 3)):
            child(size, side, str(value))
    child(root, "segmented", "0")
    for label in image.annotations:
        box = bounds(label)
        if label.kind not in ("class", "polyline") and box is not None:
            _add_object(root, label, box)
    return root


def _add_object(
    root: ElementTree.Element, label: Label, box: tuple[float, float, float, float]
) -> None:
    item = child(root, "object")
    child(item, "name", label.category)
    child(item, "pose", str(label.attributes.get("pose") or "Unspecified"))
    for flag in _FLAGS:
        child(item, flag, "1" if label.attributes.get(flag) else "0")
    _add_box(item, box)
    for part in label.attributes.get("parts") or ():
        element = child(item, "part")
        child(element, "name", str(part["name"]))
        _add_box(element, part["bbox"])


def _add_box(item: ElementTree.Element, box: Any) -> None:
    corners = child(item, "bndbox")
    for side, value in zip(_CORNERS, box, strict=True):
        child(corners, side, number_text(value))


FORMAT: Final = AnnotationFormat(
    name="voc",
    title="Pascal VOC",
    holds=Holds(
        kinds=frozenset({"box"}),
        becomes=dict.fromkeys(SHAPES - {"box", "polyline"}, "box"),
        attributes=frozenset({*_FLAGS, "pose", "parts"}),
        nested_attributes=True,
        stems=False,
    ),
    detect=detect,
    read=read,
    write=write,
)
