"""Explain a handful of telling images, and check each way to explain on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visionloop.evaluation.errors import ExplanationExtrasMissing, NoFeatureMap
from visionloop.evaluation.explanations.cams import explain_by_component, explain_by_gradient
from visionloop.evaluation.explanations.faithfulness import (
    measure_faithfulness,
    measure_random_order,
    rank_correlation,
)
from visionloop.evaluation.explanations.graphs import SplitGraph, shuffle_weights, split_graph
from visionloop.evaluation.explanations.masking import Pixels, Score, explain_by_masking
from visionloop.evaluation.models import Scorer
from visionloop.evaluation.responsible.entities import Explanation, MethodCheck

SANITY_LIMIT = 0.7
"""A map that is this alike under shuffled weights does not look at the model."""

MARGIN = 0.02
"""By how much a method must beat a random order."""

_NUM_MASKS = 400

Saliency = NDArray[np.float32]


@dataclass(frozen=True)
class ChosenImage:
    """An image to explain.

    Attributes:
        pixels: (H, W, 3) at the model's input size.
        target: index of the class to explain.
        box: the object to explain, xyxy in input pixels, where the model finds objects.
    """

    image_id: str
    pixels: Pixels
    target: int
    box: NDArray[np.floating] | None = None


Explain = Callable[[ChosenImage], Saliency]


@dataclass(frozen=True)
class Explanations:
    """What was explained, which ways to explain hold, and what could not be done."""

    explanations: tuple[Explanation, ...]
    methods: tuple[MethodCheck, ...]
    notes: tuple[str, ...]


def explain_images(
    model: Path,
    chosen: Sequence[ChosenImage],
    labels: tuple[str, ...],
    *,
    on_progress: Callable[[float], None] | None = None,
) -> Explanations:
    """Explain images in every way that the graph of the model allows.

    Args:
        model: path of the ONNX graph.
        chosen: few images: each costs some 500 scorings.
        labels: class names.
        on_progress: called with the share done; may raise to stop.
    """
    scorer = Scorer(model)
    own, note = _activation_methods(model)
    shuffled, _ = _activation_methods(shuffle_weights(model)) if own else ({}, None)
    methods: dict[str, Explain] = {**own, "masking": _masking(scorer)}
    made: dict[str, list[Explanation]] = {name: [] for name in methods}
    chances: list[float] = []
    sanity: dict[str, list[float]] = {name: [] for name in methods}
    for done, image in enumerate(chosen):
        score = _score(scorer, image)
        chance = measure_random_order(image.pixels, score)
        chances.append(chance.insertion - chance.deletion)
        for name, explain in methods.items():
            saliency = explain(image)
            measured = measure_faithfulness(image.pixels, saliency, score)
            made[name].append(
                Explanation(
                    image_id=image.image_id,
                    method=name,
                    target=labels[image.target],
                    score=float(score(image.pixels[None])[0]),
                    saliency=saliency,
                    deletion=measured.deletion,
                    insertion=measured.insertion,
                    random_deletion=chance.deletion,
                    random_insertion=chance.insertion,
                )
            )
            if name in shuffled:
                other = shuffled[name](image)
                sanity[name].append(rank_correlation(saliency, other))
        if on_progress:
            on_progress((done + 1) / len(chosen))
    checks = [_check(name, made[name], chances, sanity[name]) for name in methods]
    return Explanations(
        explanations=tuple(item for name in methods for item in made[name]),
        methods=tuple(checks),
        notes=(note,) if note else (),
    )


def _activation_methods(model: Path | bytes) -> tuple[dict[str, Explain], str | None]:
    try:
        graph = split_graph(model)
    except (NoFeatureMap, ExplanationExtrasMissing) as error:
        return {}, error.message
    return {"grad_cam": _gradient(graph), "eigen_cam": _component(graph)}, None


def _gradient(graph: SplitGraph) -> Explain:
    return lambda image: explain_by_gradient(graph, image.pixels, image.target)


def _component(graph: SplitGraph) -> Explain:
    return lambda image: explain_by_component(graph, image.pixels)


def _masking(scorer: Scorer) -> Explain:
    return lambda image: explain_by_masking(
        image.pixels, _score(scorer, image), num_masks=_NUM_MASKS
    )


def _score(scorer: Scorer, image: ChosenImage) -> Score:
    """Return how much a model says the target: of a class, or of an object at its place."""
    if image.box is None:
        return lambda images: scorer.score(images).probabilities[:, image.target].astype(np.float64)
    target, box = image.target, np.asarray(image.box, dtype=np.float64)

    def find_again(images: Pixels) -> NDArray[np.float64]:
        extras = scorer.score(images).extras
        overlap = box_iou(np.asarray(extras["boxes"], dtype=np.float64), box)
        same = np.asarray(extras["classes"]).astype(int) == target
        found: NDArray[np.float64] = np.max(extras["scores"] * same * overlap, axis=1, initial=0.0)
        return found

    return find_again


def box_iou(boxes: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the IoU of (..., 4) xyxy boxes with one box, (...)."""
    low, high = np.maximum(boxes[..., :2], box[:2]), np.minimum(boxes[..., 2:], box[2:])
    shared = np.prod(np.maximum(high - low, 0.0), axis=-1)
    areas = np.prod(np.maximum(boxes[..., 2:] - boxes[..., :2], 0.0), axis=-1)
    own = float(np.prod(np.maximum(box[2:] - box[:2], 0.0)))
    overlap: NDArray[np.float64] = shared / np.maximum(areas + own - shared, 1e-9)
    return overlap


def _check(
    name: str, made: Sequence[Explanation], chances: Sequence[float], sanity: Sequence[float]
) -> MethodCheck:
    faithful = float(np.mean([item.insertion - item.deletion for item in made])) if made else 0.0
    chance = float(np.mean(chances)) if chances else 0.0
    alike = float(np.mean(sanity)) if sanity else None
    return MethodCheck(
        method=name,
        num_images=len(made),
        faithfulness=faithful,
        random_faithfulness=chance,
        sanity=alike,
        is_trusted=faithful > chance + MARGIN and (alike is None or alike < SANITY_LIMIT),
    )
