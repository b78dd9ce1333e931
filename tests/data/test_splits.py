from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visionloop.data.entities import SPLITS, Split
from visionloop.data.errors import FractionsInvalid
from visionloop.data.splits import (
    Member,
    assign_splits,
    check_fractions,
    find_leaks,
    near_duplicate_pairs,
)

FRACTIONS: dict[Split, float] = {"train": 0.7, "val": 0.15, "test": 0.15}


def member(
    number: int, group: str | None = None, *labels: str, fixed: Split | None = None
) -> Member:
    image_id = f"{number:064x}"
    # Hashes far apart from each other: every second bit pattern of a large odd multiple.
    look = f"{(number * 0x9E3779B97F4A7C15) % 2**64:016x}"
    return Member(image_id, group or image_id, labels, look, fixed)


@st.composite
def crowds(draw: Any) -> list[Member]:
    num = draw(st.integers(1, 60))
    groups = draw(st.lists(st.integers(0, 20), min_size=num, max_size=num))
    labels = draw(st.lists(st.sampled_from("abc"), min_size=num, max_size=num))
    fixed = draw(st.lists(st.sampled_from([None, None, None, *SPLITS]), min_size=num, max_size=num))
    return [
        member(i, f"g{groups[i]}", labels[i], fixed=fixed[i])  # type: ignore[arg-type]
        for i in range(num)
    ]


@given(crowds(), st.integers(0, 5))
@settings(max_examples=60, derandomize=True)
def test_a_split_is_complete_whole_and_repeatable(crowd: list[Member], seed: int) -> None:
    found = assign_splits(crowd, FRACTIONS, seed=seed)
    assert set(found.splits) == {m.image_id for m in crowd}
    sides: dict[str, set[str]] = {}
    for m in crowd:
        sides.setdefault(m.group_key, set()).add(found.splits[m.image_id])
    assert all(len(side) == 1 for side in sides.values())
    shuffled = random.Random(seed).sample(crowd, len(crowd))
    assert assign_splits(shuffled, FRACTIONS, seed=seed) == found


@given(crowds())
@settings(max_examples=60, derandomize=True)
def test_what_was_test_stays_test(crowd: list[Member]) -> None:
    found = assign_splits(crowd, FRACTIONS)
    assert all(found.splits[m.image_id] == "test" for m in crowd if m.fixed == "test")


@given(crowds(), st.integers(0, 5))
@settings(max_examples=40, derandomize=True)
def test_a_growing_project_never_moves_an_image(crowd: list[Member], seed: int) -> None:
    clean = [member(i, m.group_key, *m.labels) for i, m in enumerate(crowd)]
    first = assign_splits(clean, FRACTIONS, seed=seed).splits
    grown = [Member(m.image_id, m.group_key, m.labels, m.dhash, first[m.image_id]) for m in clean]
    more = [member(1000 + i, f"new{i % 4}", "a") for i in range(20)]
    second = assign_splits(grown + more, FRACTIONS, seed=seed + 1).splits
    assert all(second[image_id] == split for image_id, split in first.items())


@pytest.mark.parametrize("seed", range(5))
def test_every_class_gets_its_share(seed: int) -> None:
    crowd = [
        member(i, None, "abc"[0 if i % 10 < 7 else 1 if i % 10 < 9 else 2]) for i in range(400)
    ]
    found = assign_splits(crowd, FRACTIONS, seed=seed).splits
    for label, total in (("a", 280), ("b", 80), ("c", 40)):
        counts = Counter(found[m.image_id] for m in crowd if m.labels == (label,))
        for split in SPLITS:
            assert abs(counts[split] - FRACTIONS[split] * total) <= 1.5


def test_groups_of_all_classes_are_spread_evenly() -> None:
    crowd = [member(g * 10 + d, f"person{g}", str(d)) for g in range(100) for d in range(10)]
    found = assign_splits(crowd, FRACTIONS).splits
    assert Counter(found.values()) == {"train": 700, "val": 150, "test": 150}


def test_images_without_objects_are_spread_too() -> None:
    crowd = [member(i) if i % 4 == 0 else member(i, None, "a") for i in range(200)]
    found = assign_splits(crowd, FRACTIONS).splits
    empty = Counter(found[m.image_id] for m in crowd if not m.labels)
    assert empty == {"train": 35, "val": 8, "test": 7} or empty == {
        "train": 35,
        "val": 7,
        "test": 8,
    }


def test_another_seed_gives_another_split() -> None:
    crowd = [member(i, None, "a") for i in range(50)]
    assert assign_splits(crowd, FRACTIONS, seed=1) != assign_splits(crowd, FRACTIONS, seed=2)


def test_a_share_of_zero_gets_nothing() -> None:
    crowd = [member(i, None, "a") for i in range(50)]
    found = assign_splits(crowd, {"train": 0.8, "val": 0.2, "test": 0.0}).splits
    assert set(found.values()) == {"train", "val"}


def test_a_torn_group_goes_to_test_and_is_named() -> None:
    crowd = [member(1, "g", "a", fixed="train"), member(2, "g", "a", fixed="test")]
    found = assign_splits(crowd, FRACTIONS)
    assert set(found.splits.values()) == {"test"}
    assert "'g'" in found.warnings[0]


def test_leaks_are_named() -> None:
    first, second, third = member(1, "g", "a"), member(2, "g", "a"), member(3, "h", "a")
    twin = Member(third.image_id, "h", ("a",), first.dhash)
    splits: dict[str, Split] = {
        first.image_id: "train",
        second.image_id: "train",
        twin.image_id: "test",
    }
    leaks = find_leaks([first, second, twin], splits)
    assert len(leaks) == 1
    assert twin.image_id[:12] in leaks[0]
    assert near_duplicate_pairs([first, second, twin], splits) == [(twin.image_id, first.image_id)]
    splits[second.image_id] = "val"
    assert any("'g'" in leak for leak in find_leaks([first, second, twin], splits))


def test_many_leaks_are_summed_up() -> None:
    crowd = [Member(f"{i:064x}", f"g{i}", ("a",), "0" * 16) for i in range(40)]
    splits: dict[str, Split] = {
        m.image_id: "test" if i % 2 else "train" for i, m in enumerate(crowd)
    }
    leaks = find_leaks(crowd, splits)
    assert len(leaks) < 10
    assert "15 more" in leaks[-1]


@pytest.mark.parametrize(
    "fractions",
    [
        {"train": 0.5, "val": 0.1},
        {"train": 0.0, "val": 0.5, "test": 0.5},
        {"train": 1.5, "val": -0.5},
        {"train": 0.7, "dev": 0.3},
        {},
    ],
)
def test_shares_that_are_no_split_are_refused(fractions: dict[str, float]) -> None:
    with pytest.raises(FractionsInvalid):
        check_fractions(fractions)


def test_left_out_shares_are_zero() -> None:
    assert check_fractions({"train": 1.0}) == {"train": 1.0, "val": 0.0, "test": 0.0}
