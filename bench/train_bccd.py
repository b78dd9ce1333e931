"""How well, and how fast, a detector of blood cells is learned on two CPU cores.

    python -m bench.train_bccd SHARED [--epochs 2,8,30] [--threads 2] [--rival]

SHARED is a folder with ``datasets/bccd`` and ``weights/yolox_nano_coco``. Each number of epochs is
a training of its own, from the pretrained weights to a package, judged on the official test list
as an endpoint would run it. ``--rival`` trains the same network from the same weights with a plain
loop: AdamW, a cosine, flips, nothing else.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from visionloop.data.entities import Annotation
from visionloop.evaluation.entities import Example
from visionloop.evaluation.scoring import evaluate_package
from visionloop.training.catalog import get_recipe, parse_config
from visionloop.training.images import decode_examples
from visionloop.training.packaging import CHECKPOINT_FOLDER

LABELS = ("Platelets", "RBC", "WBC")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--epochs", default="2,8,30")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--rival", action="store_true")
    arguments = parser.parse_args()
    print("who      epochs  minutes  CPU-min  AP@.5   AP      Platelets  RBC    WBC   (test list)")
    for epochs in (int(text) for text in arguments.epochs.split(",")):
        _measure("recipe", epochs, arguments)
        if arguments.rival:
            _measure("rival", epochs, arguments)


def _measure(who: str, epochs: int, arguments: argparse.Namespace) -> None:
    root = arguments.shared / "datasets" / "bccd" / "BCCD"
    splits = {name: read_split(root, name) for name in ("train", "val", "test")}
    config = parse_config(
        "detection",
        {
            "weights": str(arguments.shared / "weights" / "yolox_nano_coco"),
            "epochs": epochs,
            "image_size": arguments.size,
            "vertical_flip": True,
            "num_threads": arguments.threads,
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        package, started, cpu = Path(folder), time.monotonic(), os.times()
        if who == "rival":
            from bench.plain_detection import train_plainly as train
        else:
            train = train_with_recipe
        train(config, splits, package)
        minutes = (time.monotonic() - started) / 60
        used = os.times()
        spent = (used.user + used.system - cpu.user - cpu.system) / 60
        judged: Any = evaluate_package(package, splits["test"]).report
    classes = "  ".join(f"{item.ap_50 or math.nan:6.3f}" for item in judged.per_class)
    print(
        f"{who:8} {epochs:6}  {minutes:7.1f}  {spent:7.1f}  {judged.ap_50.value:.3f}   "
        f"{judged.ap.value:.3f}   {classes}   ({judged.ap_50.low:.3f} to {judged.ap_50.high:.3f})",
        flush=True,
    )


def train_with_recipe(config: Any, splits: dict[str, list[Example]], package: Path) -> None:
    from visionloop.training.recipes.interface import TrainingData

    recipe = get_recipe("detection").load()
    train, val = (
        decode_examples(splits[name], config.preprocessing, path=package / f"{name}.pixels")[0]
        for name in ("train", "val")
    )
    trained = recipe.train(config, TrainingData(train, val, LABELS))
    recipe.save(trained, package / CHECKPOINT_FOLDER)
    recipe.export(package, config, np.ascontiguousarray(val.pixels[:32]))


def read_split(root: Path, name: str) -> list[Example]:
    """Read the images of one official list with their boxes."""
    names = (root / "ImageSets" / "Main" / f"{name}.txt").read_text().split()
    return [_read_example(root, stem) for stem in names]


def _read_example(root: Path, stem: str) -> Example:
    tree = ElementTree.parse(root / "Annotations" / f"{stem}.xml").getroot()
    size = {side: int(tree.findtext(f"size/{side}", "0")) for side in ("width", "height")}
    annotations = []
    for number, item in enumerate(tree.iter("object")):
        corners = (
            item.findtext(f"bndbox/{side}", "0") for side in ("xmin", "ymin", "xmax", "ymax")
        )
        annotations.append(
            Annotation(
                id=f"{stem}-{number}",
                image_id=stem,
                category=item.findtext("name", ""),
                kind="box",
                bbox=tuple(float(value) for value in corners),  # type: ignore[arg-type]
            )
        )
    read = partial(Path.read_bytes, root / "JPEGImages" / f"{stem}.jpg")
    return Example(stem, "", read, annotations=tuple(annotations), **size)


if __name__ == "__main__":
    main()
