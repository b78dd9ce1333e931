from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from visionloop.labeling.segmentation.entities import SegmentPrompt
from visionloop.labeling.segmentation.errors import SegmenterUnusable
from visionloop.labeling.segmentation.sam import open_sam

SIDE = 64


def _write(path: Path, nodes: list[onnx.NodeProto], inputs: list, outputs: list) -> None:
    graph = helper.make_graph(nodes, path.stem, inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, path)


def _tensor(name: str, *shape: int | str, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, list(shape))


@pytest.fixture(params=["original", "transformers"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A pair with the interface of the real ones, whose mask is simply where the image is bright.

    Real weights are too large to carry; what is tested is what we feed and what we read.
    """
    mean = helper.make_node("ReduceMean", ["pixels"], ["image_embeddings"], axes=[1], keepdims=1)
    _write(
        tmp_path / "encoder.onnx",
        [mean],
        [_tensor("pixels", 1, 3, SIDE, SIDE)],
        [_tensor("image_embeddings", 1, 1, SIDE, SIDE)],
    )
    is_original = request.param == "original"
    masks, scores = ("masks", "iou_predictions") if is_original else ("pred_masks", "iou_scores")
    points, labels = (
        ("point_coords", "point_labels") if is_original else ("input_points", "input_labels")
    )
    nodes = [
        helper.make_node("Identity", ["image_embeddings"], [masks]),
        helper.make_node("ReduceMax", [points], [scores], keepdims=0),
        helper.make_node("Shape", [labels], ["unused"]),
    ]
    shape = (1, "n", 2) if is_original else (1, 1, "n", 2)
    kind = TensorProto.FLOAT if is_original else TensorProto.INT64
    _write(
        tmp_path / "decoder.onnx",
        nodes,
        [
            _tensor("image_embeddings", 1, 1, SIDE, SIDE),
            _tensor(points, *shape),
            _tensor(labels, *shape[:-1], kind=kind),
        ],
        [_tensor(masks, 1, 1, SIDE, SIDE), _tensor(scores)],
    )
    return tmp_path


def test_a_pair_of_either_layout_gives_the_mask_in_the_images_frame(pair: Path) -> None:
    image = np.zeros((120, 240, 3), dtype=np.uint8)
    image[30:90, 60:180] = 255
    segmenter = open_sam({"path": str(pair)})
    prompt = SegmentPrompt(box=(60, 30, 180, 90), inside=((120, 60),), outside=((5, 5),))
    sure, window = segmenter.segment(image, prompt, key="a")
    assert window[:2] == (0, 0)
    assert window[2] == 240
    again, _ = segmenter.segment(image * 0, prompt, key="a")  # the embedding is kept by key
    assert np.array_equal(sure, again)
    height, width = sure.shape
    # Both layouts answer here on the padded square of 64 cells.
    ys, xs = np.nonzero(sure > 0.6)
    assert (xs.min() / width, xs.max() / width) == pytest.approx((0.25, 0.75), abs=0.05)
    assert ys.min() / height == pytest.approx(0.125, abs=0.05)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(SegmenterUnusable, match="none of vision_encoder"):
        open_sam({"path": str(tmp_path)})
    with pytest.raises(SegmenterUnusable, match="neither path nor hub"):
        open_sam({})
    (tmp_path / "encoder.onnx").write_bytes(b"no model")
    (tmp_path / "decoder.onnx").write_bytes(b"no model")
    with pytest.raises(SegmenterUnusable, match="does not load"):
        open_sam({"path": str(tmp_path)})
    with pytest.raises(SegmenterUnusable, match="no such file"):
        open_sam({"encoder": "a.onnx", "decoder": "b.onnx"})
