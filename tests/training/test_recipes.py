"""The parts of the recipe: augmentation, sampling, checkpoints, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.conftest import CLASSES, FAST
from visionloop.evaluation.entities import Example
from visionloop.evaluation.models import Scorer
from visionloop.training.catalog import parse_config
from visionloop.training.errors import CheckpointUnusable, TrainingDiverged
from visionloop.training.images import ImageSet

torch = pytest.importorskip("torch", reason="left out: the training extra is not installed")
pytestmark = pytest.mark.torch

from visionloop.training.recipes import (  # noqa: E402
    augmentation,
    classification,
    export,
    networks,
)
from visionloop.training.recipes.interface import Progress, TrainingData  # noqa: E402
from visionloop.training.recipes.loop import Trainer  # noqa: E402
from visionloop.training.recipes.sampling import Sampler, balance_weights  # noqa: E402

recipe = classification.ClassificationRecipe


def _set(count: int = 24, seed: int = 0) -> ImageSet:
    """Images whose class is the brightest quarter."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 4
    pixels = random.integers(0, 80, (count, 32, 32, 3)).astype(np.uint8)
    for row, label in enumerate(labels):
        top, left = divmod(int(label), 2)
        pixels[row, top * 16 : top * 16 + 16, left * 16 : left * 16 + 16] += 150
    examples = (Example(str(row), CLASSES[label], bytes) for row, label in enumerate(labels))
    return ImageSet(pixels, tuple(examples))


def _config(**values: object) -> Any:
    return parse_config("classification", FAST | {"augmentation": "none"} | values)


def _data(**values: object) -> TrainingData:
    return TrainingData(_set(), _set(12, seed=1), CLASSES, **values)


def _trainer(config: Any, classifier: Any) -> Trainer:
    learner = classification.ClassificationLearner(config, _data(), classifier)
    return Trainer(learner, config, Sampler(config, 24), Progress())


def test_the_same_seed_gives_the_same_weights():
    results = [recipe.train(_config(epochs=2, augmentation="strong"), _data()) for _ in range(2)]
    first, second = (item.network.state_dict() for item in results)
    assert all(torch.equal(first[name], second[name]) for name in first)
    losses = [item.history[0].metrics["train_loss"] for item in results]
    assert losses[0] == losses[1]


def test_frozen_epochs_change_the_head_only():
    torch.manual_seed(0)
    before = networks.build_classifier(CLASSES, weights=None, dropout=0.1, image_size=32)
    config = _config(epochs=2, freeze_epochs=1, weight_averaging=0.0)
    trainer = _trainer(config, before)
    stem = before.backbone.stem[0].weight.detach().clone()
    head = before.head.weight.detach().clone()
    trainer.run_epoch()
    assert torch.equal(before.backbone.stem[0].weight, stem)
    assert not torch.equal(before.head.weight, head)
    trainer.run_epoch()
    assert not torch.equal(before.backbone.stem[0].weight, stem)


def test_new_images_fill_their_share_of_every_epoch():
    is_new = np.arange(24) < 3
    sampler = Sampler(_config(batch_size=8), 24, is_new=is_new)
    drawn = np.concatenate(sampler.draw(0))
    assert len(drawn) == 24
    assert np.isin(drawn, [0, 1, 2]).sum() == 12
    assert {int((drawn == row).sum()) for row in (0, 1, 2)} == {4}


def test_without_new_images_every_image_is_drawn_once():
    sampler = Sampler(_config(batch_size=8), 24)
    first, second = (np.concatenate(sampler.draw(epoch)) for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(24))
    assert first.tolist() != second.tolist()


def test_class_balance_draws_rare_classes_more_often():
    classes = [(0,)] * 30 + [(1,)] * 10
    assert balance_weights(classes, 1.0)[-1] == pytest.approx(3.0)
    sampler = Sampler(_config(batch_size=40, class_balance=1.0), 40, class_sets=classes)
    drawn = np.concatenate(sampler.draw(0))
    assert abs(int((drawn >= 30).sum()) - 20) <= 1


def test_a_training_set_smaller_than_a_batch_is_one_batch():
    sampler = Sampler(_config(batch_size=500), 24)
    assert [len(rows) for rows in sampler.draw(0)] == [24]


def test_an_exploding_loss_is_named():
    broken = networks.build_classifier(CLASSES, weights=None, dropout=0.0, image_size=32)
    with torch.no_grad():
        broken.head.bias.fill_(float("nan"))
    trainer = _trainer(_config(), broken)
    with pytest.raises(TrainingDiverged, match="learning_rate"):
        trainer.run_epoch()


@pytest.mark.parametrize("name", augmentation.STRENGTHS)
def test_augmentation_keeps_shape_range_and_depends_on_the_generator(name: str):
    images = torch.rand(6, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    strength = augmentation.STRENGTHS[name]
    first, again, other = (
        augmentation.augment(images, strength, torch.Generator().manual_seed(seed), flip=True)
        for seed in (1, 1, 2)
    )
    assert first.shape == images.shape
    assert 0.0 <= float(first.min()) <= float(first.max()) <= 1.0
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_checkpoint_comes_back_and_keeps_shared_labels(tmp_path: Path):
    classifier = networks.build_classifier(CLASSES, weights=None, dropout=0.1, image_size=32)
    networks.save_checkpoint(classifier, tmp_path, temperature=1.5)
    same = networks.load_checkpoint(tmp_path)
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(same(images)[0], classifier.eval()(images)[0])
    assert same.facts.temperature == 1.5
    grown = networks.load_checkpoint(tmp_path, labels=("gear", "screw", "bolt"))
    assert torch.equal(grown.head.weight[0], classifier.head.weight[3])
    assert torch.equal(grown.head.weight[2], classifier.head.weight[1])


def test_a_folder_without_checkpoint_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointUnusable, match=r"config\.json"):
        networks.load_checkpoint(tmp_path)
    with pytest.raises(CheckpointUnusable):
        networks.build_classifier(CLASSES, weights=str(tmp_path), dropout=0.1, image_size=32)


def test_the_export_equals_the_checkpoint_for_any_batch_size(tmp_path: Path):
    trained = recipe.train(_config(epochs=2), _data())
    recipe.save(trained, tmp_path / "checkpoint")
    images = _set(10).pixels
    parity = export.export_classifier(tmp_path, _config(), images)
    assert parity.passed
    assert parity.num_images == 10
    scorer = Scorer(tmp_path / "model.onnx")
    together, alone = scorer.score(images), scorer.score(images[:1])
    assert together.probabilities[0] == pytest.approx(alone.probabilities[0], abs=1e-6)
    assert together.probabilities.sum(axis=1) == pytest.approx(np.ones(10), abs=1e-5)


def test_pretrained_weights_are_fine_tuned_and_exported(shared_data: Path, tmp_path: Path):
    weights = str(shared_data / "weights" / "mobilenet_v2_1.0_224")
    config = parse_config(
        "classification",
        {"weights": weights, "image_size": 64, "epochs": 1, "batch_size": 8, "num_threads": 1},
    )
    trained = recipe.train(config, _data())
    assert trained.network.facts.embedding_size == 1280
    recipe.save(trained, tmp_path / "checkpoint")
    assert export.export_classifier(tmp_path, config, _set(8).pixels).passed
