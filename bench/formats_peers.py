"""One measurement of the peers in their own environment; prints JSON. Started by formats.py."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def read(source: str, _: str) -> dict[str, Any]:
    """CPU seconds of Datumaro to read every item with its annotations."""
    from datumaro.components.dataset import Dataset

    began = time.process_time()
    found = Dataset.import_from(source, "coco_instances")
    count = sum(1 for item in found for _ in item.annotations)
    return {"cpu_s": time.process_time() - began, "annotations": count}


def write(source: str, out: str) -> dict[str, Any]:
    """CPU seconds of Datumaro to write the set that it has read."""
    from datumaro.components.dataset import Dataset

    found = Dataset.import_from(source, "coco_instances")
    found.init_cache()
    began = time.process_time()
    found.export(out, "coco_instances", save_media=False)
    return {"cpu_s": time.process_time() - began}


def count(folder: str, _: str) -> dict[str, Any]:
    """What the peers see in the exported sets."""
    root = Path(folder)
    return {
        "pycocotools, COCO": _pycocotools(root / "coco"),
        "Datumaro, COCO": _datumaro(root / "coco", "coco_instances"),
        "Datumaro, YOLO": _datumaro(root / "yolo_detect", "yolo"),
        "Datumaro, VOC": _datumaro(root / "voc", "voc_detection"),
        "supervision, COCO": _supervision("coco", root),
        "supervision, YOLO": _supervision("yolo", root),
        "supervision, VOC": _supervision("voc", root),
    }


def _pycocotools(folder: Path) -> dict[str, Any]:
    from contextlib import redirect_stdout

    from pycocotools.coco import COCO

    with redirect_stdout(sys.stderr):
        found = COCO(str(folder / "annotations" / "instances_train.json"))
    boxes = [[x, y, x + w, y + h] for x, y, w, h in (a["bbox"] for a in found.anns.values())]
    return {"images": len(found.imgs), "boxes": len(boxes), "corners": boxes}


def _datumaro(folder: Path, format: str) -> dict[str, Any]:
    from datumaro.components.annotation import AnnotationType
    from datumaro.components.dataset import Dataset

    found = Dataset.import_from(str(folder), format)
    boxes = []
    images = 0
    for item in found:
        images += 1
        for label in item.annotations:
            if label.type == AnnotationType.bbox:
                x, y, width, height = label.get_bbox()
                boxes.append([x, y, x + width, y + height])
    return {"images": images, "boxes": len(boxes), "corners": boxes}


def _supervision(format: str, root: Path) -> dict[str, Any]:
    import supervision

    if format == "coco":
        found = supervision.DetectionDataset.from_coco(
            str(root / "coco" / "images"),
            str(root / "coco" / "annotations" / "instances_train.json"),
        )
    elif format == "yolo":
        base = root / "yolo_detect"
        found = supervision.DetectionDataset.from_yolo(
            str(base / "images" / "train"), str(base / "labels" / "train"), str(base / "data.yaml")
        )
    else:
        base = root / "voc"
        found = supervision.DetectionDataset.from_pascal_voc(
            str(base / "JPEGImages"), str(base / "Annotations")
        )
    boxes = [box.tolist() for _, _, labels in found for box in labels.xyxy]
    return {"images": len(found), "boxes": len(boxes), "corners": boxes}


if __name__ == "__main__":
    result = {"read": read, "write": write, "count": count}[sys.argv[1]](*sys.argv[2:])
    print()
    print(json.dumps(result))
