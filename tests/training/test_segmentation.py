"""The semantic segmentation and multi-label recipes: painting, moving, learning, export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.scenes import SHAPES, decode_scenes, draw_scenes
from visionloop.data.preprocessing import Preprocessing
from visionloop.evaluation.models import Scorer
from visionloop.evaluation.multilabel import MultilabelReport
from visionloop.evaluation.regions.entities import IGNORED, RegionReport
from visionloop.evaluation.scoring import evaluate_package
from visionloop.training.catalog import parse_config
from visionloop.training.errors import CheckpointUnusable

torch = pytest.importorskip("torch", reason="left out: the training extra is not installed")
pytestmark = pytest.mark.torch

from visionloop.training.packaging import CHECKPOINT_FOLDER  # noqa: E402
from visionloop.training.recipes.interface import TrainingData  # noqa: E402
from visionloop.training.recipes.moving_boxes import (  # noqa: E402
    BoxAugmentation,
    draw_matrices,
)
from visionloop.training.recipes.multilabel import MultilabelRecipe  # noqa: E402
from visionloop.training.recipes.segmentation.networks import (  # noqa: E402
    build_segmenter,
    load_segmenter,
)
from visionloop.training.recipes.segmentation.recipe import (  # noqa: E402
    SegmentationRecipe,
    dice_loss,
    move_maps,
    paint_inputs,
)

FAST = {"image_size": 64, "epochs": 6, "batch_size": 4, "num_threads": 1, "augmentation": "none"}


def _data(config, num_train: int = 16) -> TrainingData:
    train, val = draw_scenes(num_train), draw_scenes(4, seed=1)
    decoded = (decode_scenes(examples, config.preprocessing) for examples in (train, val))
    return TrainingData(*decoded, labels=SHAPES)


def test_label_maps_lie_on_their_pixels_and_the_letterbox_is_ignored():
    examples = draw_scenes(3)
    preprocessing = Preprocessing(64, 64, resize="letterbox")
    maps = paint_inputs(tuple(examples), SHAPES, preprocessing)
    pixels = decode_scenes(examples, preprocessing).pixels
    assert (maps[:, :8] == IGNORED).all()
    bright = pixels.max(axis=3) > 150
    labeled = (maps == 1) | (maps == 2)
    assert (bright & labeled).sum() / (bright | labeled).sum() > 0.8


def test_label_maps_move_as_pixels_do_and_nothing_comes_from_beyond_the_border():
    maps = torch.zeros(4, 32, 32, dtype=torch.int64)
    maps[:, 8:16, 8:24] = 2
    still = torch.tensor([[[1.0, 0, 0], [0, 1.0, 0]]]).repeat(4, 1, 1)
    assert torch.equal(move_maps(maps, still), maps)
    aside = still.clone()
    aside[:, 0, 2] = 0.5
    moved = move_maps(maps, aside)
    assert (moved[:, :, 24:] == IGNORED).all()
    assert (moved[:, 8:16, 0:16] == 2).all()
    drawn = draw_matrices(4, BoxAugmentation("light", True, True), torch.Generator().manual_seed(0))
    assert set(move_maps(maps, drawn).unique().tolist()) <= {0, 2, IGNORED}


def test_dice_is_zero_for_perfect_maps_and_blind_to_ignored_pixels():
    maps = torch.tensor([[[0, 1], [1, IGNORED]]])
    perfect = torch.full((1, 2, 2, 2), -20.0)
    perfect[0, 0, 0, 0] = perfect[0, 1, 0, 1] = perfect[0, 1, 1, 0] = 20.0
    assert dice_loss(perfect, maps).item() == pytest.approx(0.0, abs=1e-5)
    assert dice_loss(-perfect, maps).item() > 0.9


def test_a_segmenter_learns_is_exported_and_judged(tmp_path: Path):
    config = parse_config("semantic_segmentation", FAST | {"precision": "float32"})
    data = _data(config)
    trained = SegmentationRecipe.train(config, data)
    losses = [record.metrics["train_loss"] for record in trained.history]
    assert losses[-1] < losses[0]
    SegmentationRecipe.save(trained, tmp_path / CHECKPOINT_FOLDER)
    assert SegmentationRecipe.export(tmp_path, config, data.validation.pixels).passed
    scores = Scorer(tmp_path / "model.onnx").score(data.validation.pixels)
    assert scores.extras["mask"].shape == (4, 64, 64)
    judged = evaluate_package(tmp_path, draw_scenes(4, seed=1))
    report = judged.report
    assert isinstance(report, RegionReport)
    assert report.miou.low <= report.miou.value <= report.miou.high
    assert [item.label for item in report.per_class] == ["(background)", *SHAPES]
    grown = load_segmenter(tmp_path / CHECKPOINT_FOLDER, labels=("cube", "disc"))
    assert torch.equal(grown.classify.weight[2], trained.network.classify.weight[1])


def test_a_pretrained_backbone_is_segmented_with(shared_data: Path, tmp_path: Path):
    weights = str(shared_data / "weights" / "mobilenet_v2_1.0_224")
    values = FAST | {"weights": weights, "epochs": 1, "precision": "float32"}
    config = parse_config("semantic_segmentation", values)
    data = _data(config, num_train=4)
    trained = SegmentationRecipe.train(config, data)
    assert len(trained.network.maps.channels) == 4
    SegmentationRecipe.save(trained, tmp_path / CHECKPOINT_FOLDER)
    assert SegmentationRecipe.export(tmp_path, config, data.validation.pixels).passed


def test_a_folder_without_a_segmenter_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointUnusable):
        load_segmenter(tmp_path)
    with pytest.raises(CheckpointUnusable):
        build_segmenter(SHAPES, weights=str(tmp_path), image_size=64)


def test_several_classes_are_learned_exported_and_judged(tmp_path: Path):
    config = parse_config("multilabel", FAST | {"epochs": 8})
    data = _data(config, num_train=24)
    trained = MultilabelRecipe.train(config, data)
    assert trained.history[-1].metrics["train_loss"] < trained.history[0].metrics["train_loss"]
    MultilabelRecipe.save(trained, tmp_path / CHECKPOINT_FOLDER)
    assert MultilabelRecipe.export(tmp_path, config, data.validation.pixels).passed
    judged = evaluate_package(tmp_path, draw_scenes(6, seed=1))
    assert isinstance(judged.report, MultilabelReport)
    thresholds = trained.facts["thresholds"]
    assert {item.label: item.threshold for item in judged.report.per_class} == thresholds
    assert all(0 <= value <= 1 for row in judged.results for value in row.probabilities.values())
    assert np.isfinite(judged.report.mean_ap.value)
