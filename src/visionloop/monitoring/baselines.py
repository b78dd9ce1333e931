"""The reference of a deployed model, and what was learned from it, kept for the next window."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from visionloop.data.hashing import near_duplicate_groups
from visionloop.kernel.digests import write_atomically
from visionloop.monitoring.drift import MIN_REFERENCE, Calibration, Projection, calibrate
from visionloop.monitoring.errors import BaselineMissing, BaselineTooSmall
from visionloop.monitoring.performance import Estimator, fit_estimator
from visionloop.monitoring.samples import Baseline, IntArray, Samples
from visionloop.monitoring.selection import Ranker, fit_ranker
from visionloop.storage.home import Home

MAX_REFERENCE: Final = 2000
MAX_GROUPS_PER_IMAGE: Final = 0.5
_FORMAT = 1
_ARRAYS = ("reference", "location", "spread", "combined_location", "combined_spread")
_PROJECTION_ARRAYS = ("center", "components", "mean", "scale", "family")


def get_calibration(home: Home, digest: str, window_size: int) -> Calibration:
    """Return the drift calibration of a model; made once and kept on disk.

    Raises:
        BaselineMissing: the package has no baseline.
        BaselineTooSmall: it has too few clean images.
    """
    sizes = tuple(sorted({size for size in (50, 100) if size < window_size} | {window_size}))
    path = home.root / "calibrations" / f"{digest}-{window_size}-{_FORMAT}.npz"
    return _calibration(path, home.packages_dir / digest / "baseline.parquet", digest, sizes)


def get_estimator(home: Home, digest: str, window_size: int) -> Estimator:
    """Return the performance estimator of a model; learned once in a process.

    Raises:
        BaselineMissing: the package has no baseline.
    """
    return _estimator(home.packages_dir / digest / "baseline.parquet", digest, window_size)


def get_ranker(home: Home, digest: str) -> Ranker:
    """Return the error ranker of a model; learned once in a process.

    Raises:
        BaselineMissing: the package has no baseline.
    """
    return _ranker(home.packages_dir / digest / "baseline.parquet", digest)


def read_baseline(path: Path, digest: str = "") -> Baseline:
    """Read baseline.parquet; the optional column `group_key` tells what belongs together.

    Args:
        path: the file.
        digest: of the package, for the error message.

    Raises:
        BaselineMissing: there is no such file.
    """
    if not path.is_file():
        raise BaselineMissing(digest or path.parent.name)
    with duckdb.connect(config={"threads": 1}) as connection:
        rows = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchnumpy()
    samples = Samples(
        _stack(rows["statistics"]), _stack(rows["probabilities"]), _stack(rows["embedding"])
    )
    keys = rows.get("group_key")
    groups = _read_groups(keys, [str(value) for value in rows["dhash"]])
    num_images = len(np.unique(np.asarray(rows["image_id"], dtype=np.str_)))
    return Baseline(
        samples=samples,
        labels=np.asarray(rows["label"], dtype=np.int64),
        image_ids=np.asarray(rows["image_id"], dtype=np.str_),
        splits=np.asarray(rows["split"], dtype=np.str_),
        corruptions=np.asarray(rows["corruption"], dtype=np.str_),
        groups=groups,
        # Keys that name hardly fewer groups than images come from near-duplicates alone and
        # say nothing about persons or days.
        has_groups=len(np.unique(groups)) <= MAX_GROUPS_PER_IMAGE * num_images,
    )


@lru_cache(maxsize=8)
def _calibration(path: Path, source: Path, digest: str, sizes: tuple[int, ...]) -> Calibration:
    if path.is_file():
        return load_calibration(path.read_bytes())
    baseline = read_baseline(source, digest)
    chosen = np.flatnonzero(baseline.is_clean)
    if len(chosen) < MIN_REFERENCE:
        raise BaselineTooSmall(digest, len(chosen), MIN_REFERENCE)
    if len(chosen) > MAX_REFERENCE:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, MAX_REFERENCE, replace=False))
    calibration = calibrate(
        baseline.samples.take(chosen),
        groups=baseline.groups[chosen],
        splits=None if baseline.has_groups else baseline.splits[chosen],
        sizes=sizes,
    )
    write_atomically(path, dump_calibration(calibration))
    return calibration


@lru_cache(maxsize=8)
def _estimator(source: Path, digest: str, window_size: int) -> Estimator:
    return fit_estimator(read_baseline(source, digest), window_size=window_size)


@lru_cache(maxsize=8)
def _ranker(source: Path, digest: str) -> Ranker:
    return fit_ranker(read_baseline(source, digest))


def dump_calibration(calibration: Calibration) -> bytes:
    """Serialise a calibration as plain arrays, which reading can never execute."""
    arrays: dict[str, Any] = {name: getattr(calibration, name) for name in _ARRAYS}
    arrays |= {name: getattr(calibration.projection, name) for name in _PROJECTION_ARRAYS}
    arrays["sizes"] = np.array(calibration.sizes)
    arrays["names"] = np.array(calibration.projection.names, dtype=np.str_)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def load_calibration(data: bytes) -> Calibration:
    """Read what `dump_calibration` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        projection = Projection(
            **{name: arrays[name] for name in _PROJECTION_ARRAYS},
            names=tuple(str(name) for name in arrays["names"]),
        )
        return Calibration(
            projection=projection,
            sizes=tuple(int(size) for size in arrays["sizes"]),
            **{name: arrays[name] for name in _ARRAYS},
        )


def _read_groups(keys: Any, hashes: list[str]) -> IntArray:
    """Number the groups; without keys, near-duplicates are all that belongs together."""
    texts = [] if keys is None else [_text(key) for key in np.ma.filled(keys, "")]
    if not any(texts):
        return near_duplicate_groups(hashes)
    named = [text or f"\0{index}" for index, text in enumerate(texts)]
    return np.unique(named, return_inverse=True)[1].astype(np.int64)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _stack(column: NDArray[Any]) -> NDArray[np.float64]:
    return np.stack([np.asarray(row, dtype=np.float64) for row in np.ma.getdata(column)])
