"""A written set is recognised as what it is; where two formats fit, somebody is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from visionloop.data.entities import AnnotationDraft
from visionloop.data.errors import IngestInvalid
from visionloop.data.formats.catalog import all_formats
from visionloop.data.formats.entities import LabelCategory, LabeledImage, LabelSet
from visionloop.data.formats.errors import FormatAmbiguous, FormatUnknown
from visionloop.data.formats.losses import take_survey
from visionloop.data.formats.ports import ReadHints
from visionloop.data.formats.reading import choose_format, detect_formats
from visionloop.data.formats.sources import FolderSource
from visionloop.data.formats.target import ExportTarget

_HINTS = ReadHints()
_SIZE = {"width": 40, "height": 30}
_GEOMETRY = {
    "class": {},
    "box": {"bbox": (1.0, 2.0, 9.0, 8.0)},
    "polygon": {"segmentation": [[1.0, 1.0, 9.0, 1.0, 9.0, 9.0, 4.0, 9.5, 1.0, 8.0]]},
    "rotated_box": {"segmentation": [[5.0, 1.0, 9.0, 5.0, 5.0, 9.0, 1.0, 5.0]]},
    "keypoints": {"bbox": (1.0, 2.0, 9.0, 8.0), "keypoints": [[2.0, 3.0, 2]]},
}


def labels_of(kind: str, *, splits: bool = True) -> LabelSet:
    images = [
        LabeledImage(
            f"{name}.jpg",
            (AnnotationDraft(category=name, kind=kind, source="import", **_GEOMETRY[kind]),),  # type: ignore[arg-type]
            split=("train" if name == "bolt" else "val") if splits else None,
            **_SIZE,
        )
        for name in ("bolt", "nut")
    ]
    return LabelSet((LabelCategory("bolt"), LabelCategory("nut")), lambda: iter(images))


def write(name: str, kind: str, folder: Path, *, splits: bool = True) -> FolderSource:
    format = all_formats()[name]
    assert format.write is not None
    labels = labels_of(kind, splits=splits)
    folder.mkdir(exist_ok=True)
    format.write(labels, ExportTarget(folder, lambda image: b"a picture"), take_survey(labels))
    return FolderSource(folder)


@pytest.mark.parametrize("splits", [True, False])
@pytest.mark.parametrize(
    ("name", "kind", "task"),
    [
        ("coco", "box", "detection"),
        ("yolo_detect", "box", "detection"),
        ("yolo_segment", "polygon", "instance_segmentation"),
        ("yolo_pose", "keypoints", "detection"),
        ("voc", "box", "detection"),
        ("class_folders", "class", "classification"),
        ("csv", "box", "detection"),
        ("csv", "class", "classification"),
        ("label_studio", "polygon", "detection"),
        ("label_studio", "class", "multilabel_classification"),
        ("cvat", "rotated_box", "detection"),
        ("azure_jsonl", "box", "detection"),
        ("azure_jsonl", "class", "classification"),
        ("azure_mltable", "polygon", "instance_segmentation"),
        ("via", "polygon", "detection"),
        ("hf_imagefolder", "class", "classification"),
        ("hf_imagefolder", "box", "detection"),
        ("hf_parquet", "box", "detection"),
    ],
)
def test_what_was_written_is_recognised(
    name: str, kind: str, task: str, splits: bool, tmp_path: Path
) -> None:
    source = write(name, kind, tmp_path / "set", splits=splits)
    chosen = choose_format(source, format="auto", task=task, classes=("bolt", "nut"))
    assert chosen is not None
    assert chosen.name == name


def test_four_corners_may_be_two_things_so_somebody_is_asked(tmp_path: Path) -> None:
    source = write("yolo_obb", "rotated_box", tmp_path / "set")
    with pytest.raises(FormatAmbiguous, match="format=yolo_obb or format=yolo_segment"):
        choose_format(source, format="auto", task="detection", classes=())
    chosen = choose_format(source, format="yolo_obb", task="detection", classes=())
    assert chosen is not None
    assert chosen.name == "yolo_obb"


def test_two_formats_in_one_folder_are_asked_about(tmp_path: Path) -> None:
    write("coco", "box", tmp_path / "set")
    source = write("csv", "box", tmp_path / "set")
    with pytest.raises(FormatAmbiguous) as raised:
        choose_format(source, format="auto", task="detection", classes=())
    assert raised.value.details["found"].keys() == {"coco", "csv"}
    assert "several fit" in raised.value.message


def test_a_format_that_cannot_serve_the_task_is_refused(tmp_path: Path) -> None:
    source = write("coco", "box", tmp_path / "set")
    with pytest.raises(IngestInvalid, match="needs one class per image"):
        choose_format(source, format="auto", task="classification", classes=())
    with pytest.raises(IngestInvalid, match="no Pascal VOC file"):
        choose_format(source, format="voc", task="detection", classes=())
    with pytest.raises(FormatUnknown, match="'yolo' is unknown"):
        choose_format(source, format="yolo", task="detection", classes=())


def test_hostile_and_broken_files_are_nothing(tmp_path: Path) -> None:
    for name, data in {
        "a.json": b'{"annotations" "categories" "images"',
        "b.xml": b'<!DOCTYPE a [<!ENTITY b "x">]><annotations><image ></annotations>',
        "c.parquet": b"no parquet",
        "d.csv": b"\xff\xfe\x00",
        "e.jsonl": b"{",
        "f.yaml": b"names: [",
    }.items():
        (tmp_path / name).write_bytes(data)
    assert detect_formats(FolderSource(tmp_path)).keys() <= {"coco"}
    broken = all_formats()["coco"].read(FolderSource(tmp_path), _HINTS)
    assert list(broken) == []
    assert "Not a readable COCO file" in broken.findings.lines()[0]
