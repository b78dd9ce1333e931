"""One measurement of our own readers and writers; prints JSON. Started by formats.py."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from visionloop.data.formats.catalog import get_format
from visionloop.data.formats.entities import LabelSet
from visionloop.data.formats.losses import take_survey
from visionloop.data.formats.ports import ReadHints
from visionloop.data.formats.shapes import bounds
from visionloop.data.formats.sources import FolderSource
from visionloop.data.formats.target import ExportTarget


def read_set(folder: str) -> LabelSet:
    """Open a COCO set."""
    return get_format("coco").read(FolderSource(Path(folder)), ReadHints())


def write_set(name: str, labels: LabelSet, folder: Path, **images: Any) -> None:
    """Write a set in a format."""
    folder.mkdir(parents=True)
    write = get_format(name).write
    assert write is not None
    write(labels, ExportTarget(folder, **images), take_survey(labels))


def read(source: str, _: str) -> dict[str, Any]:
    """CPU seconds to read every image with its annotations."""
    get_format("coco")
    began = time.process_time()
    kept = list(read_set(source))
    return {"cpu_s": time.process_time() - began, "images": len(kept)}


def write(source: str, out: str) -> dict[str, Any]:
    """CPU seconds to write a set that is in memory, counting what would be lost included."""
    labels = read_set(source)
    kept = list(labels)
    held = LabelSet(labels.categories, lambda: iter(kept))
    began = time.process_time()
    write_set("coco", held, Path(out))
    return {"cpu_s": time.process_time() - began}


def convert(source: str, out: str) -> dict[str, Any]:
    """Read and write as a stream; the peak is taken before the comparison, which needs both."""
    write_set("coco", read_set(source), Path(out))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first, second = read_set(source), read_set(out)
    same = [c.name for c in first.categories] == [c.name for c in second.categories]
    for one, two in zip(first, second, strict=True):
        same = same and _content(one) == _content(two)
    return {"peak_mb": peak_mb, "same": same}


def _content(image: Any) -> Any:
    labels = [
        (x.category, x.kind, x.external_id, x.segmentation, x.keypoints, dict(x.attributes),
         x.bbox and [round(value, 6) for value in x.bbox])
        for x in image.annotations
    ]  # fmt: skip
    return image.name, image.width, image.height, image.split, image.external_id, labels


def export(source: str, out: str) -> dict[str, Any]:
    """Write the set as COCO, YOLO and VOC with its images."""
    labels = read_set(source)
    pictures = Path(source) / "images" / "train"
    for name in ("coco", "yolo_detect", "voc"):
        write_set(
            name, labels, Path(out) / name,
            read_image=lambda image: (pictures / image.name).read_bytes(),
        )  # fmt: skip
    boxes = [bounds(label) for image in labels for label in image.annotations]
    return {"images": sum(1 for _ in labels), "boxes": len(boxes), "corners": boxes}


def import_labels(_: str, __: str) -> dict[str, Any]:
    """Seconds to import 200,000 labels onto 20,000 images in a new SQLite database."""
    from bench.formats_import import timed_import

    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
        return timed_import(Path(folder), num_images=20_000, num_annotations=200_000)


_COMMANDS = {
    "read": read, "write": write, "convert": convert, "export": export, "import": import_labels,
}  # fmt: skip


def main() -> None:
    """Do what the command line asks for."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    print(json.dumps(_COMMANDS[sys.argv[1]](sys.argv[2], sys.argv[3])))


if __name__ == "__main__":
    main()
