"""The rival of the detection recipe: what a competent engineer writes in an afternoon.

The same network, weights, images and number of epochs; AdamW, warm-up and cosine, random flips,
the last epoch's weights. No averaging, no change of scale or colour, no choice of an epoch.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch

from visionloop.evaluation.entities import Example
from visionloop.training.images import decode_examples
from visionloop.training.packaging import CHECKPOINT_FOLDER
from visionloop.training.recipes.detection import networks
from visionloop.training.recipes.detection.assignment import BoxTargets, detection_loss
from visionloop.training.recipes.detection.pretrained import restore_normalisation
from visionloop.training.recipes.detection.recipe import DetectionRecipe
from visionloop.training.recipes.detection.targets import box_targets

LABELS = ("Platelets", "RBC", "WBC")


def train_plainly(config: Any, splits: dict[str, list[Example]], package: Path) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(config.num_threads)
    images, _ = decode_examples(splits["train"], config.preprocessing, path=package / "pixels")
    targets = box_targets(images.examples, LABELS, config.preprocessing)
    network, _ = networks.build_detector(LABELS, config.weights)
    pixels = torch.from_numpy(np.array(images.pixels)).permute(0, 3, 1, 2)
    restore_normalisation(network, pixels[::8].float() / 255)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.02)
    batches = len(images) // config.batch_size
    total, step = config.epochs * batches, 0
    network.train()
    for _ in range(config.epochs):
        order = torch.randperm(len(images))
        for start in range(batches):
            rows = order[start * config.batch_size : (start + 1) * config.batch_size]
            warm = min(1.0, (step + 1) / (0.05 * total))
            for group in optimiser.param_groups:
                group["lr"] = 1e-3 * warm * 0.5 * (1 + math.cos(math.pi * step / total))
            batch, wanted = _flip(pixels[rows].float() / 255, [targets[row] for row in rows])
            loss = torch.stack(list(detection_loss(network(batch), wanted).values())).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
    facts = networks.DetectorFacts(networks.LIGHT, LABELS, config.overlap, config.max_objects)
    networks.save_detector(network, facts, package / CHECKPOINT_FOLDER)
    DetectionRecipe.export(package, config, np.ascontiguousarray(images.pixels[:32]))


def _flip(images: torch.Tensor, targets: list[BoxTargets]) -> tuple[torch.Tensor, list[BoxTargets]]:
    size, flipped = images.shape[3], []
    for row, target in enumerate(targets):
        boxes = target.boxes.clone()
        for axis in (0, 1):
            if torch.rand(()) < 0.5:
                images[row] = images[row].flip(2 - axis)
                boxes[:, [axis, axis + 2]] = size - boxes[:, [axis + 2, axis]]
        flipped.append(BoxTargets(boxes, target.classes))
    return images, flipped
