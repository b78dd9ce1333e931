"""Which images belong together, so that a split never parts them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any, Final, Literal

from visionloop.data.errors import GroupRuleInvalid
from visionloop.data.hashing import near_duplicate_groups

RuleName = Literal["none", "exif-session", "near-duplicate", "path", "column"]

LOOKALIKES: Final = "look:"
"""Begins the key of a group of images that was found by their looks alone."""

_LONG_PAUSE_S: Final = 600.0
_UNLABELED_PAUSE_S: Final = 120.0
_CYCLE_PAUSE_FACTOR: Final = 1.5
_TIME_FORMAT: Final = "%Y:%m:%d %H:%M:%S"


@dataclass(frozen=True)
class Groupable:
    """What the rules look at."""

    image_id: str
    name: str
    exif: dict[str, Any]
    dhash: str
    label: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupRule:
    """A parsed rule.

    Attributes:
        pattern: of "path".
        column: of "column", ``("metadata", KEY)`` or ``("exif", KEY)``.
        gap_s: of "exif-session", the pause in seconds that ends a session whatever was on it.
    """

    name: RuleName
    pattern: re.Pattern[str] | None = None
    column: tuple[str, str] | None = None
    gap_s: float | None = None


@dataclass(frozen=True)
class Grouping:
    """The groups found, and how far to trust them.

    Attributes:
        keys: image id to group key; images without evidence are left out.
        certainty: share of the grouped images whose group shows no contradiction, in [0, 1].
        explanation: what was derived and how, for a person.
    """

    rule: str
    keys: dict[str, str]
    num_groups: int
    certainty: float
    explanation: str

    def summary(self) -> dict[str, Any]:
        """The facts for a report, without the keys."""
        return {
            "rule": self.rule,
            "num_groups": self.num_groups,
            "num_images": len(self.keys),
            "certainty": round(self.certainty, 3),
            "explanation": self.explanation,
        }


def parse_rule(text: str) -> GroupRule:
    """Parse ``none``, ``exif-session[:SECONDS]``, ``near-duplicate``, ``path:REGEX`` or a column.

    A column is ``column:metadata.KEY`` or ``column:exif.KEY``.

    Raises:
        GroupRuleInvalid: unknown rule, or a pattern that does not compile.
    """
    if text in ("none", "exif-session", "near-duplicate"):
        name: Any = text
        return GroupRule(name)
    if text.startswith("path:") and len(text) > len("path:"):
        try:
            return GroupRule("path", re.compile(text.removeprefix("path:")))
        except re.error as error:
            raise GroupRuleInvalid(text, f"the pattern is wrong ({error})") from error
    kind, _, rest = text.partition(":")
    source, _, key = rest.partition(".")
    if kind == "column" and source in ("metadata", "exif") and key:
        return GroupRule("column", column=(source, key))
    if kind == "exif-session" and re.fullmatch(r"\d+(\.\d+)?", rest) and float(rest) > 0:
        return GroupRule("exif-session", gap_s=float(rest))
    raise GroupRuleInvalid(text, "there is no such rule")


def group_images(rule: GroupRule, images: Sequence[Groupable]) -> Grouping | None:
    """Find the groups of a set of images; None for the rule "none".

    The result does not depend on the order of ``images``.
    """
    ordered = sorted(images, key=lambda image: (image.name, image.image_id))
    if rule.name == "exif-session":
        return _by_session(ordered, rule.gap_s)
    if rule.name == "near-duplicate":
        return _by_near_duplicate(ordered)
    if rule.name == "path":
        assert rule.pattern is not None
        return _by_path(ordered, rule.pattern)
    if rule.name == "column":
        assert rule.column is not None
        return _by_column(ordered, *rule.column)
    return None


def unite_groups(groupings: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Join groups of several rules: images that share a group by any of them belong together.

    Args:
        groupings: image id to group key, one mapping a rule.

    Returns:
        Image id to the smallest key of its united group; the order of the rules does not matter.
    """
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        parents.setdefault(key, key)
        while parents[key] != key:
            parents[key] = parents[parents[key]]
            key = parents[key]
        return key

    first: dict[str, str] = {}
    for keys in groupings:
        for image_id, key in keys.items():
            low, high = sorted((root(key), root(first.setdefault(image_id, key))))
            parents[high] = low
    return {image_id: root(key) for image_id, key in first.items()}


def _by_path(images: Sequence[Groupable], pattern: re.Pattern[str]) -> Grouping:
    keys = {}
    for image in images:
        found = pattern.search(image.name)
        if found is not None:
            part = found.group(1) if pattern.groups else found.group(0)
            keys[image.image_id] = f"path:{part}"
    text = (
        f"The part of the path that '{pattern.pattern}' finds is the group; "
        f"{len(images) - len(keys)} of {len(images)} paths do not match and stay single."
    )
    return _grouping("path", keys, 1.0, text)


def _by_column(images: Sequence[Groupable], source: str, key: str) -> Grouping:
    keys = {}
    for image in images:
        value = (image.metadata if source == "metadata" else image.exif).get(key)
        if value is not None and value != "":
            keys[image.image_id] = f"{key}:{value}"[:200]
    text = (
        f"Images with the same {source}.{key} are a group; {len(images) - len(keys)} of "
        f"{len(images)} have none and stay single."
    )
    return _grouping("column", keys, 1.0, text)


def _by_near_duplicate(images: Sequence[Groupable]) -> Grouping:
    numbers = near_duplicate_groups([image.dhash for image in images])
    first: dict[int, str] = {}
    keys = {}
    for image, number in zip(images, numbers.tolist(), strict=True):
        first.setdefault(number, image.image_id)
        keys[image.image_id] = f"{LOOKALIKES}{first[number]}"
    shared = sum(count for count in Counter(keys.values()).values() if count > 1)
    text = f"{shared} of {len(images)} images look like at least one other (dHash, 4 bits)."
    return _grouping("near-duplicate", keys, 1.0, text)


def _by_session(images: Sequence[Groupable], gap_s: float | None = None) -> Grouping:
    """Cut each camera's pictures, in order of time, where a new subject seems to begin.

    With labels, a subject is assumed to show the classes one after the other: a class that comes
    again after a longer pause starts the next one. Without labels only long pauses count. When in
    doubt two subjects stay together, because a subject on both sides of a split is the worse
    mistake. A given ``gap_s`` alone decides, without a look at labels.
    """
    cameras: dict[str, list[tuple[datetime, Groupable]]] = {}
    for image in images:
        taken = capture_time(image.exif)
        if taken is not None:
            camera = " ".join(
                str(image.exif[tag]) for tag in ("Model", "BodySerialNumber") if tag in image.exif
            )
            cameras.setdefault(camera or "unknown camera", []).append((taken, image))
    keys: dict[str, str] = {}
    certain = 0
    for camera, shots in cameras.items():
        shots.sort(key=lambda shot: (shot[0], shot[1].name, shot[1].image_id))
        sessions = _cut_sessions(shots) if gap_s is None else _cut_gaps(shots, gap_s)
        usual = Counter(len(session) for session in sessions).most_common(1)[0][0]
        for session in sessions:
            key = f"session:{camera}:{session[0][0]:%Y%m%dT%H%M%S.%f}"[:200]
            keys.update((image.image_id, key) for _, image in session)
            is_certain = gap_s is not None or _is_certain(session, usual)
            certain += len(session) if is_certain else 0
    cut = (
        f"where a class comes again after a pause, else after {_LONG_PAUSE_S / 60:.0f} minutes"
        if gap_s is None
        else f"after every pause of more than {gap_s:g} s"
    )
    text = (
        f"Pictures of one camera in order of EXIF time, cut {cut}; {len(images) - len(keys)} "
        "images have no capture time and stay single."
    )
    return _grouping("exif-session", keys, certain / len(keys) if keys else 0.0, text)


def _cut_gaps(shots: Sequence[tuple[datetime, Groupable]], gap_s: float) -> list[list[Any]]:
    sessions: list[list[Any]] = [[shots[0]]]
    for before, shot in pairwise(shots):
        if (shot[0] - before[0]).total_seconds() > gap_s:
            sessions.append([shot])
        else:
            sessions[-1].append(shot)
    return sessions


def _cut_sessions(shots: Sequence[tuple[datetime, Groupable]]) -> list[list[Any]]:
    pauses = [(b[0] - a[0]).total_seconds() for a, b in pairwise(shots)]
    rhythm = _CYCLE_PAUSE_FACTOR * median(pauses) if pauses else 0.0
    labeled = any(image.label is not None for _, image in shots)
    longest = _LONG_PAUSE_S if labeled else _UNLABELED_PAUSE_S
    sessions: list[list[Any]] = [[shots[0]]]
    for pause, shot in zip(pauses, shots[1:], strict=True):
        current = sessions[-1]
        label, previous = shot[1].label, current[-1][1].label
        seen = label is not None and any(label == image.label for _, image in current)
        # The same class twice in a row is a second try at it, not the next subject.
        if pause > longest or (seen and label != previous and pause >= rhythm):
            sessions.append([shot])
        else:
            current.append(shot)
    return sessions


def _is_certain(session: Sequence[tuple[datetime, Groupable]], usual: int) -> bool:
    """A labeled session of the usual size that shows each class once contradicts nothing."""
    labels = [image.label for _, image in session if image.label is not None]
    if not labels:
        return True
    return len(session) == usual and len(set(labels)) == len(session)


def capture_time(exif: dict[str, Any]) -> datetime | None:
    """Read the EXIF capture time with its fraction of a second; naive, as cameras write it."""
    text = exif.get("DateTimeOriginal")
    if not isinstance(text, str):
        return None
    try:
        taken = datetime.strptime(text, _TIME_FORMAT)  # noqa: DTZ007  cameras know no zone
    except ValueError:
        return None
    digits = re.sub(r"\D", "", str(exif.get("SubsecTimeOriginal", "")))[:6]
    return taken.replace(microsecond=int(digits.ljust(6, "0"))) if digits else taken


def _grouping(rule: str, keys: dict[str, str], certainty: float, explanation: str) -> Grouping:
    return Grouping(rule, keys, len(set(keys.values())), certainty, explanation)
