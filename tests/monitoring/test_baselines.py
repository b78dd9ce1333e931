"""Reading the baseline of a package."""

from __future__ import annotations

import numpy as np
import pytest

from tests.monitoring.synthetic import DIGEST, make_baseline, write_baseline_file
from visionloop.monitoring.baselines import get_calibration, get_ranker, read_baseline
from visionloop.monitoring.errors import BaselineMissing, BaselineTooSmall
from visionloop.storage.home import Home


@pytest.mark.parametrize("with_groups", [True, False])
def test_baseline_round_trip(home: Home, with_groups: bool) -> None:
    baseline = make_baseline(num_persons=6)
    path = home.packages_dir / DIGEST / "baseline.parquet"
    write_baseline_file(path, baseline, with_groups=with_groups)
    read = read_baseline(path)
    assert read.has_groups is with_groups
    assert read.samples.embeddings == pytest.approx(baseline.samples.embeddings, abs=1e-3)
    assert (read.labels == baseline.labels).all()
    assert (read.corruptions == baseline.corruptions).all()
    if with_groups:
        same = read.groups[:, None] == read.groups[None, :]
        assert (same == (baseline.groups[:, None] == baseline.groups[None, :])).all()
    else:
        assert len(np.unique(read.groups)) == len(read.groups)


def test_calibration_is_kept_on_disk(home: Home) -> None:
    path = home.packages_dir / DIGEST / "baseline.parquet"
    write_baseline_file(path, make_baseline(num_persons=15))
    made = get_calibration(home, DIGEST, 100)
    files = list((home.root / "calibrations").iterdir())
    assert len(files) == 1
    assert get_calibration(home, DIGEST, 100) is made


def test_missing_and_small_baselines_are_told(home: Home) -> None:
    with pytest.raises(BaselineMissing, match="Evaluate the model"):
        get_ranker(home, "cd" * 32)
    digest = "ef" * 32
    write_baseline_file(
        home.packages_dir / digest / "baseline.parquet",
        make_baseline(num_persons=2, per_person=5),
    )
    with pytest.raises(BaselineTooSmall, match="10 clean images"):
        get_calibration(home, digest, 200)
