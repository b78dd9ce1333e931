"""The detection recipe: geometry, target assignment, pretrained weights, export, learning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.scenes import SHAPES, decode_scenes, draw_scenes
from visionloop.evaluation.models import Scorer
from visionloop.evaluation.parity import compare_scores
from visionloop.evaluation.scoring import evaluate_package
from visionloop.training.catalog import parse_config
from visionloop.training.errors import CheckpointUnusable, DatasetUnfit, TrainingConfigInvalid

torch = pytest.importorskip("torch", reason="left out: the training extra is not installed")
pytest.importorskip("faster_coco_eval", reason="left out: faster-coco-eval is not installed")
pytestmark = pytest.mark.torch

from visionloop.training.packaging import CHECKPOINT_FOLDER  # noqa: E402
from visionloop.training.recipes.detection import (  # noqa: E402
    assignment,
    boxes,
    networks,
    pretrained,
    suppression,
)
from visionloop.training.recipes.detection.light_network import LightDetector  # noqa: E402
from visionloop.training.recipes.detection.recipe import DetectionRecipe  # noqa: E402
from visionloop.training.recipes.interface import TrainingData  # noqa: E402
from visionloop.training.recipes.moving_boxes import (  # noqa: E402
    BoxAugmentation,
    change_images,
    draw_matrices,
    move_boxes,
)

FAST = {"image_size": 96, "epochs": 1, "batch_size": 4, "num_threads": 1, "precision": "float32"}


def _data(config, num_train: int = 8) -> TrainingData:
    train, val = draw_scenes(num_train), draw_scenes(4, seed=1)
    decoded = (decode_scenes(examples, config.preprocessing) for examples in (train, val))
    return TrainingData(*decoded, labels=SHAPES)


def test_boxes_move_with_their_pixels():
    """A bright rectangle is where its box is, whatever the motion."""
    augmentation = BoxAugmentation("light", True, True, rotation=0.0, scale=0.3, shift=0.1)
    images = torch.full((16, 3, 64, 64), 114 / 255)
    images[:, :, 20:40, 24:52] = 1.0
    matrices = draw_matrices(16, augmentation, torch.Generator().manual_seed(3))
    still = BoxAugmentation("none", False, False)
    moved = change_images(images, matrices, still, torch.Generator())
    for image, matrix in zip(moved, matrices, strict=True):
        hull, kept = move_boxes(torch.tensor([[24.0, 20.0, 52.0, 40.0]]), matrix, 64)
        assert len(kept) == 1
        rows, columns = (image[0] > 0.72).nonzero(as_tuple=True)
        seen = torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        assert torch.allclose(hull[0], seen.float(), atol=1.5)


def test_boxes_that_leave_the_image_are_no_targets():
    matrix = torch.tensor([[1.0, 0.0, 1.5], [0.0, 1.0, 0.0]])
    hull, kept = move_boxes(torch.tensor([[0.0, 0.0, 10.0, 10.0], [56, 8, 64, 16.0]]), matrix, 64)
    assert kept.tolist() == [1]
    assert hull[0].tolist() == pytest.approx([8, 8, 16, 16], abs=1e-4)


def test_overlap_and_generalised_overlap_of_known_boxes():
    first = torch.tensor([[0.0, 0, 2, 2], [0, 0, 1, 1]])
    second = torch.tensor([[1.0, 1, 3, 3], [2, 2, 3, 3]])
    assert boxes.pairwise_iou(first, second)[0].tolist() == pytest.approx([1 / 7, 0])
    expected = [1 / 7 - 2 / 9, 0 - 7 / 9]
    assert boxes.generalized_iou(first, second).tolist() == pytest.approx(expected)


def test_every_object_gets_cells_near_it_and_no_cell_answers_twice():
    torch.manual_seed(0)
    raw = LightDetector(2).eval()(torch.rand(1, 3, 64, 64))
    targets = assignment.BoxTargets(
        torch.tensor([[4.0, 4, 28, 28], [30, 30, 60, 60]]), torch.tensor([0, 1])
    )
    found = assignment.assign(raw, 0, targets)
    assert set(found.objects.tolist()) == {0, 1}
    assert len(found.cells.unique()) == len(found.cells)
    for cell, row in zip(found.cells, found.objects, strict=True):
        x1, y1, x2, y2 = targets.boxes[row]
        x, y = raw.centers[cell]
        reach = 2.5 * raw.strides[cell]
        near = (x - (x1 + x2) / 2).abs() < reach and (y - (y1 + y2) / 2).abs() < reach
        assert (x1 < x < x2 and y1 < y < y2) or near


def test_an_image_without_objects_teaches_that_nothing_is_there():
    raw = LightDetector(2)(torch.rand(2, 3, 64, 64))
    nothing = assignment.BoxTargets(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
    loss = assignment.detection_loss(raw, [nothing, nothing])
    values = {name: value.item() for name, value in loss.items()}
    assert values["box"] == values["class"] == 0.0
    assert values["objectness"] > 0


def test_suppression_keeps_the_best_of_overlapping_boxes_of_a_class():
    found = torch.tensor([[[0.0, 0, 10, 10], [1, 1, 11, 11], [30, 30, 40, 40]]])
    scores = torch.tensor([[[0.9, 0.0], [0.8, 0.7], [0.0, 0.6]]])
    chosen, best, classes = suppression.select_objects(found, scores, overlap=0.5, max_objects=5)
    shown = best[0] > 0
    assert best[0][shown].tolist() == pytest.approx([0.9, 0.7, 0.6])
    assert classes[0][shown].tolist() == [0, 1, 1]
    assert chosen[0][shown].tolist() == [[0, 0, 10, 10], [1, 1, 11, 11], [30, 30, 40, 40]]


def test_trained_detectors_are_exported_for_any_batch_size_and_judged(tmp_path: Path):
    config = parse_config("detection", FAST)
    data = _data(config)
    trained = DetectionRecipe.train(config, data)
    DetectionRecipe.save(trained, tmp_path / CHECKPOINT_FOLDER)
    assert DetectionRecipe.export(tmp_path, config, data.validation.pixels).passed
    scorer = Scorer(tmp_path / "model.onnx")
    assert scorer.task == "detection"
    together = scorer.score(data.validation.pixels)
    alone = scorer.score(data.validation.pixels[:1])
    assert np.allclose(together.extras["scores"][0], alone.extras["scores"][0], atol=1e-5)
    assert together.probabilities.shape == (4, 2)
    judged = evaluate_package(tmp_path, draw_scenes(4, seed=1))
    assert judged.report.num_objects == sum(len(s.annotations) for s in draw_scenes(4, seed=1))
    assert set(trained.facts["thresholds"]) == set(SHAPES)
    again, facts = networks.load_detector(tmp_path / CHECKPOINT_FOLDER, labels=("square", "cube"))
    assert facts.labels == SHAPES
    before = trained.network.heads[0].classify.weight[1]
    assert torch.equal(again.heads[0].classify.weight[0], before)


def test_parity_notices_moved_boxes_and_missing_objects(tmp_path: Path):
    config = parse_config("detection", FAST)
    data = _data(config, num_train=4)
    DetectionRecipe.save(DetectionRecipe.train(config, data), tmp_path / CHECKPOINT_FOLDER)
    DetectionRecipe.export(tmp_path, config, data.validation.pixels)
    scores = Scorer(tmp_path / "model.onnx").score(data.validation.pixels)
    surer = {**scores.extras, "scores": np.full_like(scores.extras["scores"], 0.5)}
    expected = type(scores)(scores.probabilities, scores.embeddings, surer)
    assert compare_scores(expected, expected).passed
    moved = type(scores)(
        scores.probabilities, scores.embeddings, {**surer, "boxes": surer["boxes"] + 1.0}
    )
    assert not compare_scores(moved, expected).passed
    none = {**surer, "scores": np.zeros_like(surer["scores"])}
    assert not compare_scores(
        type(scores)(scores.probabilities, scores.embeddings, none), expected
    ).passed


def test_a_detector_learns_rendered_shapes():
    values = {"image_size": 64, "epochs": 6, "learning_rate": 4e-3, "augmentation": "none"}
    config = parse_config("detection", FAST | values)
    trained = DetectionRecipe.train(config, _data(config, num_train=16))
    losses = [record.metrics["train_loss"] for record in trained.history]
    assert losses[-1] < 0.93 * losses[0]


def test_the_published_weights_give_the_published_outputs(shared_data: Path):
    onnxruntime = pytest.importorskip("onnxruntime")
    path = shared_data / "weights" / "yolox_nano_coco" / "yolox_nano.onnx"
    network = LightDetector(80)
    pretrained.load_graph_weights(network, path)
    random = torch.Generator().manual_seed(0)
    images = torch.rand(2, 3, 416, 416, generator=random)
    expected = onnxruntime.InferenceSession(str(path)).run(
        None, {"images": (images[:1].flip(1) * 255).numpy()}
    )[0][0]
    with torch.inference_mode():
        before = network.eval()(images[:1])
    pretrained.restore_normalisation(network, images)
    with torch.inference_mode():
        after = network.eval()(images[:1])
    for raw in (before, after):
        assert np.abs(raw.objectness[0].sigmoid().numpy() - expected[:, 4]).max() < 1e-4
        assert np.abs(raw.classes[0].sigmoid().numpy() - expected[:, 5:]).max() < 1e-4
        middle = (raw.boxes[0, :, :2] + raw.boxes[0, :, 2:]) / 2
        corner = raw.centers - raw.strides[:, None] / 2
        offsets = ((middle - corner) / raw.strides[:, None]).numpy()
        assert np.abs(offsets - expected[:, :2]).max() < 1e-2


def test_weights_of_another_architecture_are_refused_in_one_sentence(tmp_path: Path):
    with pytest.raises(CheckpointUnusable, match="no such file"):
        networks.build_detector(SHAPES, str(tmp_path / "missing.onnx"))
    (tmp_path / "broken.onnx").write_bytes(b"no graph")
    with pytest.raises(CheckpointUnusable, match="no ONNX file"):
        networks.build_detector(SHAPES, str(tmp_path))
    with pytest.raises(CheckpointUnusable):
        networks.load_detector(tmp_path)


def test_classes_too_small_to_be_seen_are_refused_before_training():
    config = parse_config("detection", FAST | {"image_size": 32})
    data = _data(config, num_train=4)
    tiny = TrainingData(data.train, data.validation, (*SHAPES, "speck"))
    with pytest.raises(DatasetUnfit, match="speck"):
        DetectionRecipe.train(config, tiny)


def test_sizes_that_the_network_cannot_take_are_refused():
    with pytest.raises(TrainingConfigInvalid, match="multiple of 32"):
        parse_config("detection", {"image_size": 300})
