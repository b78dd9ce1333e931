"""The instance segmentation recipe: masks move with boxes, are mixed, cut, exported and judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.scenes import SHAPES, decode_scenes, draw_scenes
from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.models import Scorer
from visionloop.evaluation.objects.entities import ObjectReport
from visionloop.evaluation.objects.masks import encode_masks, masks_in_source
from visionloop.evaluation.objects.overlap import overlaps
from visionloop.evaluation.objects.truth import true_objects
from visionloop.evaluation.parity import compare_scores
from visionloop.evaluation.scoring import evaluate_package
from visionloop.training.catalog import parse_config

torch = pytest.importorskip("torch", reason="left out: the training extra is not installed")
pytest.importorskip("faster_coco_eval", reason="left out: faster-coco-eval is not installed")
pytestmark = pytest.mark.torch

from visionloop.training.packaging import CHECKPOINT_FOLDER  # noqa: E402
from visionloop.training.recipes.detection.masked_network import (  # noqa: E402
    inside_boxes,
    mix_masks,
)
from visionloop.training.recipes.instances.masks import instance_targets, move_masks  # noqa: E402
from visionloop.training.recipes.instances.recipe import InstanceRecipe  # noqa: E402
from visionloop.training.recipes.interface import TrainingData  # noqa: E402
from visionloop.training.recipes.moving_boxes import (  # noqa: E402
    BoxAugmentation,
    draw_matrices,
    move_boxes,
)

FAST = {"image_size": 64, "epochs": 2, "batch_size": 4, "num_threads": 1, "precision": "float32"}


def test_masks_stay_inside_their_boxes_wherever_both_are_moved():
    examples = draw_scenes(6)
    preprocessing = Preprocessing(128, 128, resize="letterbox")
    targets = instance_targets(examples, SHAPES, preprocessing)
    augmentation = BoxAugmentation("light", True, True, scale=0.2, shift=0.1)
    matrices = draw_matrices(6, augmentation, torch.Generator().manual_seed(0))
    for target, matrix in zip(targets, matrices, strict=True):
        boxes, kept = move_boxes(target.boxes, matrix, 128)
        masks = move_masks(target.masks[kept], matrix)
        inside = inside_boxes(boxes.unsqueeze(0), 32, 32)[0]
        grown = torch.nn.functional.max_pool2d(inside, 3, 1, 1)
        for mask, box in zip(masks, grown, strict=True):
            assert mask.sum() > 0
            assert (mask * (1 - box)).sum() <= 0.1 * mask.sum()


def test_prototypes_are_mixed_object_by_object():
    prototypes = torch.zeros(1, 2, 4, 4)
    prototypes[0, 0, :2], prototypes[0, 1, 2:] = 1.0, 1.0
    mixed = mix_masks(prototypes, torch.tensor([[[1.0, -1.0], [0.0, 2.0]]]))
    assert mixed[0, 0, 0, 0] == 1.0
    assert mixed[0, 0, 3, 0] == -1.0
    assert mixed[0, 1, 3, 3] == 2.0


def test_masks_return_to_the_source_through_the_letterbox():
    example = draw_scenes(1)[0]
    preprocessing = Preprocessing(128, 128, resize="letterbox")
    (target,) = instance_targets([example], SHAPES, preprocessing)
    back = masks_in_source((target.masks * 255).numpy(), example, preprocessing)
    truth = true_objects(example, SHAPES, with_masks=True)
    found = truth.select(np.arange(len(truth)))
    moved = type(found)(**{**vars(found), "masks": encode_masks(back)})
    assert np.diag(overlaps(moved, truth, by_mask=True)).min() > 0.7


def test_an_instance_segmenter_is_trained_exported_and_judged(tmp_path: Path):
    config = parse_config("instance_segmentation", FAST | {"max_objects": 20})
    train, val = draw_scenes(8), draw_scenes(4, seed=1)
    data = TrainingData(
        decode_scenes(train, config.preprocessing), decode_scenes(val, config.preprocessing), SHAPES
    )
    trained = InstanceRecipe.train(config, data)
    assert trained.history[-1].metrics["train_loss"] < trained.history[0].metrics["train_loss"]
    InstanceRecipe.save(trained, tmp_path / CHECKPOINT_FOLDER)
    assert InstanceRecipe.export(tmp_path, config, data.validation.pixels).passed
    scorer = Scorer(tmp_path / "model.onnx")
    assert scorer.task == "instance_segmentation"
    scores = scorer.score(data.validation.pixels)
    assert scores.extras["masks"].shape == (4, 20, 16, 16)
    judged = evaluate_package(tmp_path, val)
    assert isinstance(judged.report, ObjectReport)
    assert judged.report.box_coco is not None
    surer = {**scores.extras, "scores": np.full_like(scores.extras["scores"], 0.5)}
    expected = type(scores)(scores.probabilities, scores.embeddings, surer)
    other = {**surer, "masks": 255 - surer["masks"]}
    changed = type(scores)(scores.probabilities, scores.embeddings, other)
    assert compare_scores(expected, expected).passed
    assert not compare_scores(changed, expected).passed


def test_detector_weights_start_an_instance_segmenter(shared_data: Path):
    weights = str(shared_data / "weights" / "yolox_nano_coco")
    config = parse_config("instance_segmentation", FAST | {"weights": weights, "epochs": 1})
    train = decode_scenes(draw_scenes(4), config.preprocessing)
    trained = InstanceRecipe.train(config, TrainingData(train, train, SHAPES))
    assert trained.facts["family"] == "light_masks"
