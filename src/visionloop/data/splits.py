"""Deterministic, stratified, group-aware splits, and the check that nothing leaks."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from visionloop.data.entities import SPLITS, Split
from visionloop.data.errors import FractionsInvalid
from visionloop.data.grouping import LOOKALIKES
from visionloop.data.hashing import NEAR_DUPLICATE_DISTANCE, hamming, near_duplicate_groups

_EVERY_IMAGE: Final = ""  # a class that all images have, so that sizes are balanced too
_NOTHING: Final = "\x00nothing"  # images without any label are spread like a class
_MAX_NAMED_PAIRS: Final = 5
_LARGE_SHARE: Final = 0.1
_LARGE_SIZE: Final = 10


@dataclass(frozen=True, slots=True)
class Member:
    """One image to place.

    Attributes:
        labels: the distinct classes it shows.
        fixed: the split it was in before, if any.
    """

    image_id: str
    group_key: str
    labels: tuple[str, ...]
    dhash: str
    fixed: Split | None = None


@dataclass(frozen=True)
class Assignment:
    """Where every image goes, and what a person should know about it."""

    splits: Mapping[str, Split]
    warnings: tuple[str, ...]


def check_fractions(fractions: Mapping[str, float]) -> dict[Split, float]:
    """Accept shares of train, val and test that add up to one.

    Raises:
        FractionsInvalid: an unknown split, a negative share, no training share or another sum.
    """
    unknown = set(fractions) - set(SPLITS)
    if unknown:
        raise FractionsInvalid(fractions, f"{sorted(unknown)} are no splits")
    checked: dict[Split, float] = {split: float(fractions.get(split, 0.0)) for split in SPLITS}
    if any(not 0.0 <= share <= 1.0 for share in checked.values()):
        raise FractionsInvalid(fractions, "a share lies outside 0 to 1")
    if abs(sum(checked.values()) - 1.0) > 1e-6:
        raise FractionsInvalid(fractions, f"they add up to {sum(checked.values()):g}")
    if checked["train"] == 0.0:
        raise FractionsInvalid(fractions, "nothing is left to train on")
    return checked


def without_test(fractions: Mapping[Split, float]) -> dict[Split, float]:
    """Share out between train and val what would have gone to test."""
    rest = fractions["train"] + fractions["val"]
    return {"train": fractions["train"] / rest, "val": fractions["val"] / rest, "test": 0.0}


def assign_splits(
    members: Sequence[Member], fractions: Mapping[Split, float], *, seed: int = 0
) -> Assignment:
    """Place whole groups so that every class comes close to the wanted shares.

    Larger groups first, then in an order that depends only on the seed and the group key, each
    group goes where its classes lack most (greedy descent of the squared class imbalance, after
    Sechidis et al. 2011, "On the stratification of multi-label data", with groups in place of
    single examples). Images placed before stay where they are, and their groups follow them;
    test goes before val before train when a group was torn.

    Args:
        members: the images, in any order.
        fractions: share of each split, summing to one.
        seed: another seed gives another, equally balanced split.
    """
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in sorted(members, key=lambda member: member.image_id):
        groups[member.group_key].append(member)
    totals = Counter(label for member in members for label in _strata(member))
    counts: dict[Split, Counter[str]] = {split: Counter() for split in SPLITS}
    placed: dict[str, Split] = {}
    warnings = []
    fixed = [key for key, group in groups.items() if any(member.fixed for member in group)]
    free = groups.keys() - set(fixed)
    for key in sorted(fixed):
        before = {member.fixed for member in groups[key] if member.fixed}
        placed[key] = max(before, key=SPLITS.index)
        if len(before) > 1:
            warnings.append(
                f"Group {key!r} was in {' and '.join(sorted(before))}; it is in {placed[key]} now."
            )
        counts[placed[key]].update(_group_strata(groups[key]))
    for key in sorted(free, key=lambda key: (-len(groups[key]), _shuffled(key, seed))):
        strata = _group_strata(groups[key])
        placed[key] = _neediest(strata, counts, totals, fractions)
        counts[placed[key]].update(strata)
    splits = {member.image_id: placed[member.group_key] for member in members}
    return Assignment(splits, tuple(warnings))


def find_leaks(members: Sequence[Member], splits: Mapping[str, Split]) -> list[str]:
    """Name groups and near-duplicates that lie on two sides of a split, in words.

    An empty list means that nothing was found.
    """
    leaks = []
    sides: dict[str, set[Split]] = defaultdict(set)
    for member in members:
        sides[member.group_key].add(splits[member.image_id])
    for key in sorted(key for key, found in sides.items() if len(found) > 1):
        leaks.append(f"Group {key!r} is in {' and '.join(sorted(sides[key]))}.")
    pairs = near_duplicate_pairs(members, splits)
    for first, second in pairs[:_MAX_NAMED_PAIRS]:
        leaks.append(
            f"Images {first[:12]} ({splits[first]}) and {second[:12]} ({splits[second]}) "
            "look nearly the same."
        )
    if len(pairs) > _MAX_NAMED_PAIRS:
        leaks.append(f"{len(pairs) - _MAX_NAMED_PAIRS} more near-duplicates lie in two splits.")
    return leaks


def warn_unmeasured(
    class_counts: Mapping[str, Mapping[str, int]],
    classes: Sequence[str],
    fractions: Mapping[Split, float],
) -> list[str]:
    """Name the classes that a split should show and does not: nothing is measured on them there.

    Args:
        class_counts: number of images by split and class.
        classes: that somewhere have an image; the others are told of elsewhere.
        fractions: wanted share of each split.
    """
    known = [name for name in classes if any(counts.get(name) for counts in class_counts.values())]
    warnings = []
    for split in ("val", "test"):
        missing = [name for name in known if not class_counts[split].get(name)]
        if fractions[split] > 0.0 and missing:
            named = ", ".join(map(repr, missing))
            warnings.append(f"No {split} image shows {named}; nothing is measured on them there.")
    return warnings


def warn_large_groups(members: Sequence[Member]) -> list[str]:
    """Name groups by looks that are so large that they bend the splits.

    Perceptual hashes chain: on flat grounds or under a fixed camera, different scenes look alike.
    """
    sizes = Counter(member.group_key for member in members)
    least = max(_LARGE_SIZE, _LARGE_SHARE * len(members))
    return [
        f"{size} of {len(members)} images look alike and stay in one split (group {key[:17]}). If "
        "they show different things, give them a group key, e.g. by capture session."
        for key, size in sorted(sizes.items())
        if size > least and key.startswith(LOOKALIKES)
    ]


def near_duplicate_pairs(
    members: Sequence[Member], splits: Mapping[str, Split]
) -> list[tuple[str, str]]:
    """Return for every image outside training the first near-duplicate in another split."""
    ordered = sorted(members, key=lambda member: member.image_id)
    numbers = near_duplicate_groups([member.dhash for member in ordered])
    clusters: dict[int, list[Member]] = defaultdict(list)
    shared = np.bincount(numbers) > 1 if len(numbers) else np.array([], dtype=bool)
    for member, number in zip(ordered, numbers.tolist(), strict=True):
        if shared[number]:
            clusters[number].append(member)
    pairs = []
    for cluster in clusters.values():
        if len({splits[member.image_id] for member in cluster}) == 1:
            continue
        for member in cluster:
            if splits[member.image_id] == "train":
                continue
            other = _first_across(member, cluster, splits)
            if other is not None:
                pairs.append((member.image_id, other.image_id))
    return pairs


def _first_across(
    member: Member, cluster: Sequence[Member], splits: Mapping[str, Split]
) -> Member | None:
    own = splits[member.image_id]
    return next(
        (
            other
            for other in cluster
            # Each pair outside training is named once, from the side of the later split.
            if SPLITS.index(splits[other.image_id]) < SPLITS.index(own)
            and hamming(member.dhash, other.dhash) <= NEAR_DUPLICATE_DISTANCE
        ),
        None,
    )


def _strata(member: Member) -> tuple[str, ...]:
    return (_EVERY_IMAGE, *(member.labels or (_NOTHING,)))


def _group_strata(group: Sequence[Member]) -> Counter[str]:
    return Counter(label for member in group for label in _strata(member))


def _shuffled(key: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{key}".encode()).digest()


def _neediest(
    strata: Counter[str],
    counts: Mapping[Split, Counter[str]],
    totals: Counter[str],
    fractions: Mapping[Split, float],
) -> Split:
    def need(split: Split) -> float:
        return sum(
            num * (fractions[split] * totals[label] - counts[split][label]) / totals[label]
            for label, num in strata.items()
        )

    open_splits = [split for split in SPLITS if fractions[split] > 0.0]
    return max(open_splits, key=lambda split: (need(split), -SPLITS.index(split)))
