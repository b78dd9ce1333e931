"""How fast a recipe trains beside a bare PyTorch loop of the same network, data and batches.

    python -m bench.recipe_throughput [--steps 30] [--threads 1] [--task detection]

Both run in turns in one process, so that what else the machine does strikes both. The bare loop
takes ready tensors from memory: it decodes nothing, augments nothing, measures nothing. What the
recipe spends on preparing batches is given as its own share: a loader that starved the model would
show there.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import torch

from visionloop.data.entities import Annotation
from visionloop.evaluation.entities import Example
from visionloop.training.catalog import parse_config
from visionloop.training.images import ImageSet
from visionloop.training.recipes.classification import ClassificationLearner
from visionloop.training.recipes.detection.networks import build_detector
from visionloop.training.recipes.detection.recipe import DetectionLearner
from visionloop.training.recipes.interface import Progress, TrainingData
from visionloop.training.recipes.loop import Trainer
from visionloop.training.recipes.networks import build_classifier
from visionloop.training.recipes.sampling import Sampler

LABELS = ("a", "b", "c")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--task", choices=("classification", "detection"), default="detection")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    trainer = _trainer(arguments.task)
    rows = trainer.sampler.draw(0)[0]
    batch = trainer.learner.make_batch(rows, torch.Generator().manual_seed(0))
    trainer.network.train()
    spent = {"recipe": 0.0, "bare": 0.0, "prepare": 0.0}
    for step in range(arguments.steps + 2):
        times = {
            "recipe": _timed(lambda: trainer._step([rows])),
            "bare": _timed(lambda: _bare_step(trainer, batch)),
            "prepare": _timed(lambda: trainer.learner.make_batch(rows, torch.Generator())),
        }
        if step >= 2:
            spent = {name: spent[name] + value for name, value in times.items()}
    images = arguments.steps * len(rows)
    print(f"{arguments.task}: batch {len(rows)}, {arguments.threads} threads")
    for name in ("recipe", "bare"):
        print(f"{name:8} {images / spent[name]:8.2f} images/s")
    print(f"ratio    {spent['bare'] / spent['recipe']:8.3f}")
    without = spent["recipe"] - spent["prepare"]
    share = spent["prepare"] / spent["recipe"]
    ratio = spent["bare"] / without
    print(f"preparing batches takes {share:.1%} of a step; ratio without it {ratio:.3f}")


def _bare_step(trainer: Trainer, batch: Any) -> None:
    loss, _ = trainer.learner.loss(trainer.network, batch)
    trainer.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    trainer.optimiser.step()


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _trainer(task: str) -> Trainer:
    values = {"precision": "float32", "epochs": 1000}
    config: Any = parse_config(task, values | {"image_size": 256 if task == "detection" else 96})
    data = _data(config.image_size, 64)
    torch.manual_seed(0)
    learner: Any
    if task == "detection":
        learner = DetectionLearner(config, data, build_detector(LABELS, None)[0])
    else:
        network = build_classifier(LABELS, weights=None, dropout=0.1, image_size=config.image_size)
        learner = ClassificationLearner(config, data, network)
    return Trainer(learner, config, Sampler(config, 64), Progress())


def _data(side: int, count: int) -> TrainingData:
    random = np.random.default_rng(0)
    examples = []
    for number in range(count):
        corner = random.uniform(0, side / 2, (6, 2))
        boxes = np.concatenate([corner, corner + random.uniform(16, side / 2, (6, 2))], axis=1)
        annotations = tuple(
            Annotation(str(row), str(number), LABELS[row % 3], "box", tuple(map(float, box)))
            for row, box in enumerate(boxes)
        )
        examples.append(
            Example(
                str(number), LABELS[number % 3], bytes, annotations=annotations,
                width=side, height=side,
            )
        )  # fmt: skip
    pixels = random.integers(0, 255, (count, side, side, 3)).astype(np.uint8)
    images = ImageSet(pixels, tuple(examples))
    return TrainingData(images, images, LABELS)


if __name__ == "__main__":
    main()
