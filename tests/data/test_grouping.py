from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from visionloop.data.errors import GroupRuleInvalid
from visionloop.data.grouping import (
    Groupable,
    Grouping,
    capture_time,
    group_images,
    parse_rule,
    unite_groups,
)

START = datetime(2026, 3, 1, 10, 0, 0)


def shot(number: int, seconds: float, label: str | None = None, camera: str = "A") -> Groupable:
    taken = START + timedelta(seconds=seconds)
    exif = {
        "Model": camera,
        "DateTimeOriginal": f"{taken:%Y:%m:%d %H:%M:%S}",
        "SubsecTimeOriginal": f"{taken.microsecond // 10_000:02d}",
    }
    return Groupable(f"{number:064x}", f"IMG_{number:04d}.jpg", exif, "0" * 16, label)


def grouped(images: list[Groupable], rule: str = "exif-session") -> Grouping:
    found = group_images(parse_rule(rule), images)
    assert found is not None
    return found


def person(start: int, at: float, labels: str, step: float = 4.0) -> list[Groupable]:
    return [shot(start + i, at + i * step, label) for i, label in enumerate(labels)]


def sessions(found: Grouping) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for image_id, key in found.keys.items():
        groups.setdefault(key, []).append(int(image_id, 16))
    return sorted(sorted(group) for group in groups.values())


def test_people_who_show_the_classes_in_turn_are_told_apart() -> None:
    images = [image for i in range(5) for image in person(i * 4, i * 40.0, "0123")]
    found = grouped(images)
    assert sessions(found) == [list(range(i * 4, i * 4 + 4)) for i in range(5)]
    assert found.certainty == 1.0


def test_the_order_of_the_input_does_not_matter() -> None:
    images = [image for i in range(5) for image in person(i * 4, i * 40.0, "0123")]
    shuffled = random.Random(1).sample(images, len(images))
    assert grouped(shuffled).keys == grouped(images).keys


def test_a_second_try_stays_with_its_person() -> None:
    images = person(0, 0, "012233") + person(6, 60, "0123") + person(10, 120, "0123")
    assert sessions(grouped(images)) == [list(range(6)), [6, 7, 8, 9], [10, 11, 12, 13]]


def test_when_in_doubt_two_people_stay_together_and_certainty_says_so() -> None:
    # The second one begins at once, without the pause that would tell.
    images = person(0, 0, "0123") + person(4, 16, "0123") + person(8, 90, "0123")
    found = grouped(images)
    assert sessions(found) == [list(range(8)), [8, 9, 10, 11]]
    assert found.certainty < 1.0


def test_a_long_pause_parts_whatever_the_labels_say() -> None:
    images = person(0, 0, "01") + person(2, 2000, "23")
    assert sessions(grouped(images)) == [[0, 1], [2, 3]]


def test_without_labels_pauses_decide() -> None:
    images = [shot(i, i * 3.0) for i in range(4)] + [shot(i, 500 + i * 3.0) for i in range(4, 8)]
    assert sessions(grouped(images)) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_cameras_are_never_mixed() -> None:
    images = [shot(i, i * 3.0, camera="AB"[i % 2]) for i in range(6)]
    assert sessions(grouped(images)) == [[0, 2, 4], [1, 3, 5]]


def test_images_without_capture_time_stay_single() -> None:
    bare = Groupable("f" * 64, "x.jpg", {}, "0" * 16)
    assert "f" * 64 not in grouped([bare, shot(1, 0)]).keys
    assert grouped([bare]).num_groups == 0


def test_fractions_of_a_second_order_a_burst() -> None:
    assert capture_time(shot(1, 0.25).exif) == START + timedelta(seconds=0.25)
    assert capture_time({"DateTimeOriginal": "0000:00:00 00:00:00"}) is None
    assert capture_time({"DateTimeOriginal": 7}) is None


def test_paths_group_by_the_part_that_matches() -> None:
    images = [Groupable(f"{i:064x}", f"person_{i // 3}/a{i}.jpg", {}, "0" * 16) for i in range(6)]
    assert sessions(grouped(images, "path:person_(\\d+)/")) == [[0, 1, 2], [3, 4, 5]]
    assert grouped(images, "path:nothing").keys == {}


def test_lookalikes_share_a_group() -> None:
    hashes = ["0" * 16, "0" * 15 + "3", "f" * 16]
    images = [Groupable(f"{i:064x}", f"{i}.jpg", {}, value) for i, value in enumerate(hashes)]
    assert sessions(grouped(images, "near-duplicate")) == [[0, 1], [2]]


def test_no_rule_means_no_groups() -> None:
    assert group_images(parse_rule("none"), [shot(1, 0)]) is None


@pytest.mark.parametrize("rule", ["person", "path:", "path:(", "", "exif"])
def test_an_unknown_rule_is_refused(rule: str) -> None:
    with pytest.raises(GroupRuleInvalid):
        parse_rule(rule)


def test_a_given_gap_alone_ends_a_session() -> None:
    images = [shot(i, i * 30.0, label="01"[i % 2]) for i in range(4)]
    images += [shot(4, 90.0 + 30.5, "0"), shot(5, 90.0 + 45.0, "1")]
    assert sessions(grouped(images, "exif-session:30")) == [[0, 1, 2, 3], [4, 5]]
    assert sessions(grouped(images, "exif-session:31")) == [[0, 1, 2, 3, 4, 5]]
    assert grouped(images, "exif-session:30").certainty == 1.0


def test_a_column_groups_and_images_without_it_stay_single() -> None:
    images = [
        Groupable(f"{n:064x}", f"{n}.jpg", {"Serial": n % 2}, "0" * 16, metadata=person)
        for n, person in enumerate([{"person": "ann"}, {"person": "bob"}, {"person": "ann"}, {}])
    ]
    found = grouped(images, "column:metadata.person")
    assert sessions(found) == [[0, 2], [1]]
    assert f"{3:064x}" not in found.keys
    assert sessions(grouped(images, "column:exif.Serial")) == [[0, 2], [1, 3]]


@pytest.mark.parametrize("rule", ["column:name.x", "column:metadata.", "exif-session:0", "column"])
def test_rules_that_make_no_sense_are_refused(rule: str) -> None:
    with pytest.raises(GroupRuleInvalid, match=r"column:metadata\.KEY"):
        parse_rule(rule)


def test_rules_together_join_what_any_of_them_joins() -> None:
    people = {"a": "person:1", "b": "person:1", "c": "person:2", "d": "person:3"}
    looks = {"b": "look:x", "c": "look:x", "d": "look:y", "e": "look:z"}
    for order in ([people, looks], [looks, people]):
        united = unite_groups(order)
        assert united["a"] == united["b"] == united["c"]
        assert len({united["a"], united["d"], united["e"]}) == 3
    assert unite_groups([people, looks]) == unite_groups([looks, people])
    assert unite_groups([]) == {}
