"""Architectures of transformers by local folder: trained, exported, equal; tiny and random here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.scenes import SHAPES, decode_scenes, draw_scenes
from visionloop.training.catalog import get_recipe, parse_config
from visionloop.training.errors import CheckpointUnusable

torch = pytest.importorskip("torch", reason="left out: the training extra is not installed")
transformers = pytest.importorskip("transformers", reason="left out: transformers is missing")
pytestmark = pytest.mark.torch

from tests.training.test_recipes import _data as class_data  # noqa: E402
from visionloop.training.packaging import CHECKPOINT_FOLDER  # noqa: E402
from visionloop.training.recipes.interface import TrainingData  # noqa: E402

TINY_VISION = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": 64,
    "patch_size": 16,
}
# As many queries as there are cells: untrained cells tie, and rounding would pick among them.
TINY_DETECTOR: dict[str, Any] = {
    "encoder_hidden_dim": 16,
    "encoder_layers": 1,
    "encoder_ffn_dim": 16,
    "encoder_attention_heads": 2,
    "d_model": 16,
    "num_queries": 84,
    "decoder_layers": 2,
    "decoder_ffn_dim": 16,
    "decoder_attention_heads": 2,
    "num_denoising": 0,
}


def tiny_config(kind: str) -> Any:
    """The smallest configuration of an architecture that still has all of its parts."""
    t = transformers
    resnet = {"embedding_size": 8, "hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1]}
    if kind == "resnet":
        return t.ResNetConfig(**resnet)
    if kind == "convnext":
        return t.ConvNextConfig(hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1])
    if kind == "mobilenet_v2":
        return t.MobileNetV2Config(depth_multiplier=0.25, image_size=64, tf_padding=False)
    if kind == "vit":
        return t.ViTConfig(**TINY_VISION)
    if kind == "dinov2":
        return t.Dinov2Config(**(TINY_VISION | {"mlp_ratio": 2}))
    if kind == "segformer":
        return t.SegformerConfig(
            hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], num_attention_heads=[1, 1, 2, 2]
        )
    backbone = t.RTDetrResNetConfig(
        **resnet, layer_type="basic", out_features=["stage2", "stage3", "stage4"]
    )
    sizes = {"encoder_in_channels": [8, 16, 16], "decoder_in_channels": [16, 16, 16]}
    if kind == "rt_detr_v2":
        return t.RTDetrV2Config(backbone_config=backbone, **sizes, **TINY_DETECTOR)
    return t.DFineConfig(
        backbone_config=t.HGNetV2Config(
            stem_channels=[3, 8, 8],
            stage_in_channels=[8, 8, 8, 16],
            stage_mid_channels=[8, 8, 8, 8],
            stage_out_channels=[8, 8, 16, 16],
            stage_num_blocks=[1, 1, 1, 1],
            stage_numb_of_layers=[1, 1, 1, 1],
            hidden_sizes=[8, 8, 16, 16],
            depths=[1, 1, 1, 1],
            embedding_size=8,
            out_features=["stage2", "stage3", "stage4"],
        ),
        **sizes,
        **TINY_DETECTOR,
    )


def save_tiny(folder: Path, kind: str) -> str:
    """Write random weights as a hub would hold them."""
    torch.manual_seed(0)
    config = tiny_config(kind)
    loader = transformers.AutoModel
    if kind in ("rt_detr_v2", "d_fine"):
        loader = transformers.AutoModelForObjectDetection
    model = loader.from_config(config)
    for name, parameter in model.named_parameters():
        if "enc_score_head" in name or "class_embed" in name:
            # Untrained scores are nearly equal, and rounding would decide which queries are best.
            torch.nn.init.normal_(parameter, std=0.5)
    model.save_pretrained(folder)
    described = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    (folder / "preprocessor_config.json").write_text(json.dumps(described))
    return str(folder)


def fine_tune(recipe: str, data: TrainingData, folder: Path, **values: Any) -> None:
    """Train one epoch, save, export; the export fails where graph and checkpoint differ."""
    settings = {"epochs": 1, "batch_size": 4, "num_threads": 1, "precision": "float32"} | values
    config = parse_config(recipe, settings)
    implementation = get_recipe(recipe).load()
    trained = implementation.train(config, data)
    losses = [record.metrics["train_loss"] for record in trained.history]
    assert np.isfinite(losses).all()
    implementation.save(trained, folder / CHECKPOINT_FOLDER)
    images = np.ascontiguousarray(data.validation.pixels[:4])
    assert implementation.export(folder, config, images).passed


@pytest.mark.parametrize("kind", ["resnet", "convnext", "mobilenet_v2", "vit", "dinov2"])
def test_backbones_classify(tmp_path: Path, kind: str):
    weights = save_tiny(tmp_path / "hub", kind)
    data = class_data()
    if kind == "vit":
        pixels = data.train.pixels.repeat(2, axis=1).repeat(2, axis=2)
        image_set = type(data.train)(pixels, data.train.examples)
        data = TrainingData(image_set, image_set, data.labels)
        fine_tune("classification", data, tmp_path, weights=weights, image_size=64)
    else:
        fine_tune("classification", data, tmp_path, weights=weights, image_size=32)


@pytest.mark.parametrize("kind", ["resnet", "convnext", "segformer"])
def test_backbones_segment(tmp_path: Path, kind: str):
    weights = save_tiny(tmp_path / "hub", kind)
    config = parse_config("semantic_segmentation", {"image_size": 64})
    images = decode_scenes(draw_scenes(4), config.preprocessing)
    data = TrainingData(images, images, SHAPES)
    fine_tune("semantic_segmentation", data, tmp_path, weights=weights, image_size=64)


def test_a_transformer_of_patches_cannot_segment_and_says_so(tmp_path: Path):
    weights = save_tiny(tmp_path / "hub", "vit")
    config = parse_config("semantic_segmentation", {"image_size": 64, "weights": weights})
    images = decode_scenes(draw_scenes(2), config.preprocessing)
    with pytest.raises(CheckpointUnusable, match="maps of several resolutions"):
        get_recipe("semantic_segmentation").load().train(
            config, TrainingData(images, images, SHAPES)
        )


@pytest.mark.parametrize("kind", ["rt_detr_v2", "d_fine"])
def test_detectors_of_transformers_detect(tmp_path: Path, kind: str):
    pytest.importorskip("faster_coco_eval", reason="left out: faster-coco-eval is not installed")
    weights = save_tiny(tmp_path / "hub", kind)
    config = parse_config("detection", {"image_size": 64})
    images = decode_scenes(draw_scenes(4), config.preprocessing)
    data = TrainingData(images, images, SHAPES)
    settings = {"image_size": 64, "learning_rate": 1e-4, "max_objects": 200}
    fine_tune("detection", data, tmp_path, weights=weights, **settings)


def test_weights_of_another_task_are_refused_before_training(tmp_path: Path):
    weights = save_tiny(tmp_path / "hub", "resnet")
    config = parse_config("detection", {"image_size": 64, "weights": weights})
    images = decode_scenes(draw_scenes(2), config.preprocessing)
    with pytest.raises(CheckpointUnusable):
        get_recipe("detection").load().train(config, TrainingData(images, images, SHAPES))
