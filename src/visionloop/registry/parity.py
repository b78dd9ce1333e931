"""Does the exported graph give what the checkpoint gave? Scored again here, by ONNX Runtime."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.entities import Scores
from visionloop.evaluation.errors import ModelUnusable
from visionloop.evaluation.models import Scorer
from visionloop.evaluation.parity import compare_extras
from visionloop.registry.entities import ParityEvidence
from visionloop.registry.errors import GraphUnfit, ParityFailed

TOLERANCE = 1e-4
"""Correct float32 programs differ by about 1e-5 after fifty layers, a wrong graph by far more."""

MIN_IMAGES = 1
_COMMON = ("images", "probabilities", "embeddings")
_EXPECTED = (
    "an input 'images' uint8 [N,H,W,3] and outputs 'probabilities' [N,C] and 'embedding' [N,D]"
)


def check_parity(folder: Path, labels: tuple[str, ...]) -> ParityEvidence:
    """Score the stored sample with the graph and compare with what the checkpoint said.

    Args:
        folder: with ``model.onnx`` and ``parity.npz`` (images (N, H, W, 3) uint8, probabilities
            (N, C) and embeddings (N, D) float32 of the checkpoint).
        labels: C class names.

    Raises:
        GraphUnfit: the graph does not load, or its outputs do not fit the labels.
        ParityFailed: the difference is beyond tolerance.
    """
    images, expected = _read_sample(folder / "parity.npz")
    probabilities, embeddings = expected.probabilities, expected.embeddings
    if len(labels) != probabilities.shape[1]:
        raise GraphUnfit(
            f"labels.json names {len(labels)} classes, the checkpoint gives "
            f"{probabilities.shape[1]} probabilities",
            "one label per probability",
        )
    try:
        found = Scorer(folder / "model.onnx").score(images)
    except ModelUnusable as error:
        raise GraphUnfit(error.message.removesuffix("."), _EXPECTED) from error
    except Exception as error:  # the runtime raises its own classes, which it does not export
        raise GraphUnfit(f"it fails on an image: {str(error).splitlines()[0]}", _EXPECTED) from (
            error
        )
    for name, got, want in (
        ("probabilities", found.probabilities, probabilities),
        ("embedding", found.embeddings, embeddings),
    ):
        if got.shape != want.shape:
            raise GraphUnfit(
                f"{name} of {len(images)} images have shape {list(got.shape)}, the checkpoint's "
                f"{list(want.shape)}",
                _EXPECTED,
            )
    if set(found.extras) != set(expected.extras):
        raise GraphUnfit(
            f"the graph returns {sorted(found.extras)} beside probabilities and embedding, the "
            f"checkpoint {sorted(expected.extras)}",
            "both from one export",
        )
    difference = _difference((found.probabilities, probabilities), (found.embeddings, embeddings))
    evidence = ParityEvidence(
        max_abs_difference=min(
            max(difference, compare_extras(found, expected)), float(np.finfo(np.float32).max)
        ),
        tolerance=TOLERANCE,
        num_images=len(images),
    )
    if not evidence.passed:
        raise ParityFailed(evidence.max_abs_difference, TOLERANCE, len(images))
    return evidence


def _difference(
    probabilities: tuple[NDArray[np.float32], NDArray[np.float32]],
    embeddings: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> float:
    """Largest difference; embeddings have no fixed scale, so theirs is relative."""
    scale = max(1.0, float(np.abs(embeddings[1]).max()))
    # Not Python's max: it drops a NaN that comes second.
    worst = np.maximum(
        np.abs(probabilities[0] - probabilities[1]).max(),
        np.abs(embeddings[0] - embeddings[1]).max() / scale,
    )
    # A graph that returns NaN compares as equal to nothing, and must not pass as small.
    return float(worst) if np.isfinite(worst) else float(np.finfo(np.float32).max)


def _read_sample(path: Path) -> tuple[NDArray[np.uint8], Scores]:
    expected = "parity.npz with images, probabilities and embeddings"
    try:
        with np.load(path, allow_pickle=False) as sample:
            images = sample["images"]
            probabilities, embeddings = sample["probabilities"], sample["embeddings"]
            extras = {name: sample[name] for name in sample.files if name not in _COMMON}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise GraphUnfit(f"the parity sample cannot be read ({error})", expected) from error
    count = len(images)
    fits = images.ndim == 4 and images.dtype == np.uint8 and images.shape[3] == 3
    if not fits or count < MIN_IMAGES or {len(probabilities), len(embeddings)} != {count}:
        raise GraphUnfit(
            f"the parity sample holds {count} images of shape {list(images.shape)}, "
            f"{len(probabilities)} probabilities and {len(embeddings)} embeddings",
            f"{expected}, equally many",
        )
    return images, Scores(probabilities, embeddings, extras)
