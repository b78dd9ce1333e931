from __future__ import annotations

import numpy as np
import pytest

from tests.data.pictures import encoded, picture
from tests.data.workbench import Bench
from visionloop.data.errors import VersionNotFound
from visionloop.data.hashing import close_pairs
from visionloop.data.leakage import report_leakage


def test_a_clean_version_has_no_pairs(bench: Bench) -> None:
    bench.freeze()
    report = report_leakage(*bench.where, "base")
    assert set(report.num_pairs.values()) == {0}
    assert report.pairs == ()


def test_look_alikes_on_two_sides_are_named(bench: Bench) -> None:
    for split, numbers in (("train", (0, 1)), ("test", (2,))):
        folder = bench.folder.parent / "torn" / split / "washer"
        folder.mkdir(parents=True)
        for number in numbers:
            image = (picture(0) * 0.8 + 3 * number).astype("uint8")
            (folder / f"cup{number}_.jpg").write_bytes(encoded(image))
        (folder / f"other_{split}.jpg").write_bytes(encoded(picture(700 + len(split))))
    # Somebody says that they are different cups; they look the same all the same.
    bench.ingest(bench.folder.parent / "torn", group_by=r"path:(cup\d)")
    bench.freeze(
        "torn", filters=("datastore=torn",), use_source_splits=True, allow_empty_classes=True
    )
    report = report_leakage(*bench.where, "torn")
    assert report.num_pairs == {"exact": 0, "group": 0, "near-duplicate": 2}
    assert report.num_images["near-duplicate"] == 1
    names = {(pair.first.name, pair.second.name) for pair in report.pairs}
    assert names == {
        (f"train/washer/cup{number}_.jpg", "test/washer/cup2_.jpg") for number in (0, 1)
    }
    assert all(pair.distance is not None and pair.distance <= 4 for pair in report.pairs)


def test_training_images_of_another_version_are_held_against_a_test_split(bench: Bench) -> None:
    bench.freeze("one")
    bench.freeze("two", seed=3)
    one, two = bench.splits("one"), bench.splits("two")
    shared = [name for name in one if one[name] == "train" and two[name] != "train"]
    report = report_leakage(*bench.where, "two", against="one", limit=500)
    assert report.against == "one:1"
    assert report.num_pairs["exact"] == report.num_images["exact"] == len(shared) > 0
    exact = [pair for pair in report.pairs if pair.kind == "exact"]
    assert sorted(pair.second.name for pair in exact) == sorted(shared)
    assert all(pair.first.image_id == pair.second.image_id for pair in exact)
    assert all((pair.first.split, pair.second.split) == ("train", two[pair.second.name])
               for pair in exact)  # fmt: skip
    # The same image looks like itself, and is a group of its own with itself.
    near = report_leakage(*bench.where, "two", against="one", kind="near-duplicate", limit=500)
    assert {pair.distance for pair in near.pairs} == {0}
    first = report_leakage(*bench.where, "two", against="one", limit=3).pairs
    rest = report_leakage(*bench.where, "two", against="one", limit=500, offset=3).pairs
    assert first + rest == report.pairs


def test_groups_of_another_version_are_named(bench: Bench) -> None:
    bench.ingest(bench.folder, group_by=r"path:_(\d+)\.jpg")
    bench.freeze("one")
    bench.freeze("two", seed=3)
    report = report_leakage(*bench.where, "two", against="one", kind="group", limit=500)
    assert report.num_pairs["group"] > report.num_pairs["exact"] > 0
    for pair in report.pairs:
        assert pair.group_key is not None
        number = pair.group_key.removeprefix("path:")
        assert pair.first.name.endswith(f"_{number}.jpg")
        assert pair.second.name.endswith(f"_{number}.jpg")


def test_an_unknown_version_is_named(bench: Bench) -> None:
    bench.freeze()
    with pytest.raises(VersionNotFound):
        report_leakage(*bench.where, "base", against="nothing")


@pytest.mark.parametrize("count", [300, 3000])
def test_close_pairs_are_those_of_a_plain_loop(count: int) -> None:
    random = np.random.default_rng(0)
    seeds = random.integers(0, 2**63, count // 3, dtype=np.uint64)
    flips = np.uint64(1) << random.integers(0, 64, (count // 3, 2), dtype=np.uint64)
    values = np.unique(np.concatenate([seeds, seeds ^ flips[:, 0], seeds ^ flips[:, 1]]))
    left, right = close_pairs(values)
    distances = np.bitwise_count(values[:, None] ^ values[None, :])
    rows, columns = np.nonzero(distances <= 4)
    expected = {(a, b) for a, b in zip(rows.tolist(), columns.tolist(), strict=True) if a < b}
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected
    assert len(left) == len(expected)
