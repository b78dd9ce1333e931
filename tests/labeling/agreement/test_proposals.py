from __future__ import annotations

import numpy as np
import pytest
from bench.simulated_annotators import KINDS, TEAM, answer, make_class_truth, make_truth

from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.agreement.merging import Weights, merge_shapes, robust_mean
from visionloop.labeling.agreement.proposals import agree, list_ratings, mean_agreement, propose
from visionloop.labeling.agreement.reliability import Rating, estimate_reliability
from visionloop.labeling.quality.rules import estimate_quality

NUM_IMAGES = 30


def _box(category: str, x: float, *, size: float = 20) -> AnnotationDraft:
    return AnnotationDraft(category, "box", bbox=(x, 0, x + size, size))


def test_agreement_counts_matched_objects_of_the_same_class() -> None:
    first = [_box("nut", 0), _box("bolt", 50)]
    assert agree(first, first, is_single=False) == 1
    assert agree(first, first[:1], is_single=False) == pytest.approx(2 / 3)
    assert agree(first, [_box("nut", 0), _box("nut", 50)], is_single=False) == 0.5
    assert agree([], [], is_single=False) == 1
    assert agree(first, [], is_single=False) == 0
    assert mean_agreement({"a": first}, is_single=False) == 1


def test_classes_of_images_agree_or_not() -> None:
    nut, bolt = AnnotationDraft("nut", "class"), AnnotationDraft("bolt", "class")
    assert agree([nut], [nut], is_single=True) == 1
    assert agree([nut], [bolt], is_single=True) == 0
    assert agree([nut, bolt], [nut], is_single=False) == pytest.approx(2 / 3)


def test_the_majority_decides_what_is_there_and_what_it_is() -> None:
    answers = {
        "a": [_box("nut", 0), _box("bolt", 60)],
        "b": [_box("nut", 2), _box("gear", 60)],
        "c": [_box("nut", 1), _box("bolt", 60), _box("gear", 200)],
    }
    found = propose(answers, is_single=False)
    assert sorted((d.category, round(d.bbox[0])) for d in found.drafts if d.bbox) == [
        ("bolt", 60),
        ("nut", 1),
    ]
    (alone,) = [item for item in found.objects if not item.is_kept]
    assert (alone.category, alone.seen_by) == ("gear", ("c",))
    ratings = list_ratings(answers, is_single=False)
    assert {"a": "bolt", "b": "gear", "c": "bolt"} in ratings.values()


def test_good_annotators_outweigh_bad_ones() -> None:
    answers = {
        name: [AnnotationDraft(c, "class")]
        for name, c in zip("abc", ("nut", "bolt", "bolt"), strict=True)
    }
    qualities = {"a": 0.97, "b": 0.55, "c": 0.55}
    (alone,) = propose(answers, is_single=True, qualities=qualities).drafts
    (voted,) = propose(answers, is_single=True).drafts
    assert (alone.category, voted.category) == ("nut", "bolt")


def test_far_values_are_held_back() -> None:
    values = np.array([[10.0], [10.2], [9.8], [60.0]])
    assert robust_mean(values, [1, 1, 1, 1])[0] == pytest.approx(10, abs=0.5)
    assert robust_mean(np.array([[0.0], [1.0]]), [3, 1])[0] == pytest.approx(0.25)


def test_attributes_are_voted() -> None:
    shapes = [
        AnnotationDraft("nut", "box", bbox=(0, 0, 9, 9), attributes=attributes)
        for attributes in ({"rust": "some", "side": 1}, {"rust": "none"}, {"rust": "some"})
    ]
    merged = merge_shapes(shapes, Weights((1, 1, 1), (1, 1, 1)), "nut")
    assert merged.attributes == {"rust": "some", "side": 1}


@pytest.mark.parametrize("kind", ["class", *KINDS])
def test_merged_labels_beat_the_best_annotator_and_the_estimate_ranks_them(kind: str) -> None:
    """Simulated annotators of known error rates; seeds and bounds leave a wide margin."""
    rng = np.random.default_rng(11)
    is_single = kind == "class"
    single = {who.name: 0.0 for who in TEAM}
    agreed: dict[str, list[float]] = {who.name: [] for who in TEAM}
    merged = 0.0
    for _ in range(NUM_IMAGES):
        truth = make_class_truth(rng) if is_single else make_truth(kind, rng)  # type: ignore[arg-type]
        said = {who.name: answer(truth, who, rng) for who in TEAM}
        qualities = {name: estimate_quality(values) for name, values in agreed.items()}
        drafts = propose(said, is_single=is_single, qualities=qualities).drafts
        merged += agree(drafts, truth, is_single=is_single) / NUM_IMAGES
        for name, own in said.items():
            single[name] += agree(own, truth, is_single=is_single) / NUM_IMAGES
            agreed[name].append(agree(own, drafts, is_single=is_single))
    assert merged >= max(single.values())
    estimates = {name: estimate_quality(values) for name, values in agreed.items()}
    assert max(estimates, key=lambda name: estimates[name]) in ("careful", "usual")
    assert min(estimates, key=lambda name: estimates[name]) == "poor"


def test_reliability_finds_truth_and_ranks_annotators_without_knowing_it() -> None:
    rng = np.random.default_rng(3)
    truths: dict[str, str] = {}
    ratings = []
    for number in range(150):
        truth = make_class_truth(rng)
        truths[str(number)] = truth[0].category
        for who in TEAM:
            if rng.random() < 0.9:  # not everybody rates everything
                given = answer(truth, who, rng)[0].category
                ratings.append(Rating(str(number), who.name, given))
    found = estimate_reliability(ratings)
    right = np.mean([truths[unit] == name for unit, name in found.truth().items()])
    assert right > 0.93
    assert found.accuracy["careful"] > found.accuracy["hasty"] > found.accuracy["poor"]
    assert np.allclose(found.posterior.sum(axis=1), 1)
    assert np.allclose(found.confusion.sum(axis=2), 1)
