"""Explanations point at what the score depends on, and the checks tell when they do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visionloop.evaluation.errors import NoFeatureMap
from visionloop.evaluation.explanations.cams import explain_by_component, explain_by_gradient
from visionloop.evaluation.explanations.faithfulness import (
    measure_faithfulness,
    measure_random_order,
    rank_correlation,
)
from visionloop.evaluation.explanations.graphs import shuffle_weights, split_graph
from visionloop.evaluation.explanations.masking import explain_by_masking

onnx = pytest.importorskip("onnx", reason="left out: onnx builds the models of these tests")

SIDE = 32


def _photo() -> np.ndarray:
    """A red patch at the top left and a blue one at the bottom right, on grey."""
    image = np.full((SIDE, SIDE, 3), 90, dtype=np.uint8)
    image[2:12, 2:12] = (250, 20, 20)
    image[20:30, 20:30] = (20, 20, 250)
    return image


def _write_network(path: Path, *, pooled: bool = True) -> Path:
    """Write a network whose class 0 is red and class 1 blue, each a map of its own."""
    helper, proto = onnx.helper, onnx.TensorProto
    colours = np.zeros((2, 3, 4, 4), dtype=np.float32)
    colours[0, 0], colours[0, 1:] = 0.2, -0.1
    colours[1, 2], colours[1, :2] = 0.2, -0.1
    head = np.array([[40.0, -40.0], [-40.0, 40.0]], dtype=np.float32)
    tensors = {
        "scale": np.array(1 / 255, dtype=np.float32),
        "colours": colours,
        "head": head,
        "axes": np.array([2, 3] if pooled else [1, 2], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["images"], ["floats"], to=proto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["scaled"]),
    ]
    if pooled:
        nodes += [
            helper.make_node("Transpose", ["scaled"], ["planes"], perm=[0, 3, 1, 2]),
            helper.make_node("Conv", ["planes", "colours"], ["conv"], strides=[4, 4]),
            helper.make_node("Relu", ["conv"], ["maps"]),
            helper.make_node("ReduceMean", ["maps", "axes"], ["embedding"], keepdims=0),
            helper.make_node("MatMul", ["embedding", "head"], ["logits"]),
        ]
    else:
        tensors["mix"] = np.eye(3, 2, dtype=np.float32)
        nodes += [
            helper.make_node("ReduceMean", ["scaled", "axes"], ["embedding"], keepdims=0),
            helper.make_node("MatMul", ["embedding", "mix"], ["logits"]),
        ]
        del tensors["colours"], tensors["head"]
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1))
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("images", proto.UINT8, ["N", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("probabilities", proto.FLOAT, ["N", 2])],
        [onnx.numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.save(model, path)
    return path


def _redness(images: np.ndarray) -> np.ndarray:
    patch = images[:, 2:12, 2:12].astype(np.float64)
    return np.clip((patch[..., 0] - patch[..., 2]).mean(axis=(1, 2)) / 255, 0, 1)


def test_masking_finds_the_region_that_the_score_reads():
    saliency = explain_by_masking(_photo(), _redness, num_masks=400)
    assert saliency.shape == (SIDE, SIDE)
    inside = saliency[2:12, 2:12].mean()
    assert inside > 2 * np.delete(saliency.ravel(), 0).mean()
    assert (explain_by_masking(_photo(), _redness, num_masks=400) == saliency).all()


def test_a_true_map_is_more_faithful_than_chance_and_than_a_wrong_one():
    right = np.zeros((SIDE, SIDE), dtype=np.float32)
    right[2:12, 2:12] = 1
    wrong = 1 - right
    good = measure_faithfulness(_photo(), right, _redness)
    bad = measure_faithfulness(_photo(), wrong, _redness)
    chance = measure_random_order(_photo(), _redness)
    assert good.insertion - good.deletion > chance.insertion - chance.deletion
    assert chance.insertion - chance.deletion > bad.insertion - bad.deletion


def test_activation_maps_need_no_framework(tmp_path: Path):
    graph = split_graph(_write_network(tmp_path / "model.onnx"))
    assert graph.read_features(_photo()[None]).shape == (1, 2, 8, 8)
    red, blue = (explain_by_gradient(graph, _photo(), target) for target in (0, 1))
    assert red[2:12, 2:12].mean() > 5 * red[20:30, 20:30].mean()
    assert blue[20:30, 20:30].mean() > 5 * blue[2:12, 2:12].mean()
    assert rank_correlation(red, blue) < 0.5
    component = explain_by_component(graph, _photo())
    assert component.shape == (SIDE, SIDE)
    assert component.max() == pytest.approx(1.0)


def test_shuffled_weights_give_another_network(tmp_path: Path):
    path = _write_network(tmp_path / "model.onnx")
    mixed = split_graph(shuffle_weights(path))
    own = split_graph(path)
    assert not np.allclose(mixed.read_features(_photo()[None]), own.read_features(_photo()[None]))


def test_a_network_without_maps_says_so(tmp_path: Path):
    with pytest.raises(NoFeatureMap, match="by masking"):
        split_graph(_write_network(tmp_path / "model.onnx", pooled=False))
