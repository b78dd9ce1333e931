"""The reference that monitoring compares production with, written when a model is judged.

It holds what the model said about clean validation and test photos, and about validation photos
under known damage, from which monitoring learns how scores behave when accuracy falls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.hashing import dhash
from visionloop.data.imaging import decode_image
from visionloop.data.preprocessing import Preprocessing
from visionloop.data.statistics import NUM_STATISTICS, measure_image
from visionloop.evaluation.corruptions import (
    BASELINE_CORRUPTIONS,
    BASELINE_SEVERITIES,
    NO_CORRUPTION,
    corrupt,
)
from visionloop.evaluation.entities import Example, Scores
from visionloop.evaluation.models import Scorer, read_model_folder
from visionloop.evaluation.scoring import ScoredExamples, evaluate_package, surest_truths

BASELINE_FILE = "baseline.parquet"
MAX_CORRUPTED_IMAGES = 200
# All sources are held at once, so that each is decoded once: at most 180 MB.
_MAX_CORRUPTED_PIXELS = 300_000

OnProgress = Callable[[float], None]


@dataclass(frozen=True)
class BaselineRows:
    """Equally long columns of one part of the baseline.

    Attributes:
        labels: (N,) int32 class indices, see ``scoring.surest_truths``.
        statistics: (N, 14) float32.
        group_keys: what belongs together (person, track), so that monitoring does not call
            other persons drift; empty where nothing is known.
    """

    image_ids: tuple[str, ...]
    split: str
    corruption: str
    severity: int
    labels: NDArray[np.int32]
    scores: Scores
    statistics: NDArray[np.float32]
    hashes: tuple[str, ...]
    group_keys: tuple[str, ...] = ()


def record_baseline(
    package: Path,
    *,
    validation: Sequence[Example],
    test: ScoredExamples | None,
    num_threads: int = 1,
    on_progress: OnProgress | None = None,
) -> None:
    """Write ``baseline.parquet`` of the model in a package folder.

    Args:
        package: folder with the exported model.
        validation: labeled validation images.
        test: what the model said about test images, where there are any.
        num_threads: of the runtime.
        on_progress: called with the share done; may raise to stop.
    """
    model = read_model_folder(package)
    judged = evaluate_package(package, validation, num_threads=num_threads)
    parts = [describe_clean(judged.scored, "val", model.labels)]
    if test is not None:
        parts.append(describe_clean(test, "test", model.labels))
    parts.extend(
        describe_corrupted(
            Scorer(model.path, num_threads=num_threads),
            judged.scored.examples,
            model.preprocessing,
            model.labels,
            on_progress=on_progress,
        )
    )
    write_baseline(package / BASELINE_FILE, parts)


def describe_clean(scored: ScoredExamples, split: str, labels: tuple[str, ...]) -> BaselineRows:
    """Return the rows of undamaged images, measured at the resolution they are stored in."""
    measured = [_measure(example) for example in scored.examples]
    return BaselineRows(
        image_ids=tuple(example.image_id for example in scored.examples),
        split=split,
        corruption=NO_CORRUPTION,
        severity=0,
        labels=surest_truths(scored.examples, scored.scores.probabilities, labels).astype(np.int32),
        scores=scored.scores,
        statistics=_table([row[0] for row in measured]),
        hashes=tuple(row[1] for row in measured),
        group_keys=tuple(example.group_key or "" for example in scored.examples),
    )


def describe_corrupted(
    scorer: Scorer,
    examples: Sequence[Example],
    preprocessing: Preprocessing,
    labels: tuple[str, ...],
    *,
    on_progress: OnProgress | None = None,
) -> Iterator[BaselineRows]:
    """Yield the rows of at most 200 validation images under each damage and severity.

    Args:
        scorer: the model.
        examples: readable validation images.
        preprocessing: of the model.
        labels: of the model.
        on_progress: called with the share done; may raise to stop.
    """
    # Image ids are digests, so their order is random with regard to content.
    chosen = sorted(examples, key=lambda example: example.image_id)[:MAX_CORRUPTED_IMAGES]
    sources = [_shrink(decode_image(example.read())) for example in chosen]
    grid = list(product(BASELINE_CORRUPTIONS, BASELINE_SEVERITIES))
    for done, (name, severity) in enumerate(grid):
        images, statistics, hashes = [], [], []
        for example, (source, offset) in zip(chosen, sources, strict=True):
            damaged = corrupt(source, name, severity, key=example.image_id)
            images.append(preprocessing.apply(damaged))
            statistics.append(measure_image(damaged) + offset)
            hashes.append(dhash(damaged))
        if on_progress:
            on_progress(done / len(grid))
        if images:
            scores = scorer.score(np.stack(images))
            truth = surest_truths(chosen, scores.probabilities, labels)
            yield BaselineRows(
                image_ids=tuple(example.image_id for example in chosen),
                split="val",
                corruption=name,
                severity=severity,
                labels=truth.astype(np.int32),
                scores=scores,
                statistics=_table(statistics),
                hashes=tuple(hashes),
                group_keys=tuple(example.group_key or "" for example in chosen),
            )


def write_baseline(path: Path, parts: Sequence[BaselineRows]) -> None:
    """Write the parts as one Parquet file with the columns that monitoring reads."""
    columns: dict[str, NDArray[Any]] = {
        "image_id": _texts([text for part in parts for text in part.image_ids]),
        "split": _texts([part.split for part in parts for _ in part.image_ids]),
        "corruption": _texts([part.corruption for part in parts for _ in part.image_ids]),
        "severity": np.concatenate([np.full(len(p.labels), p.severity, np.int32) for p in parts]),
        "label": np.concatenate([part.labels for part in parts]),
        "dhash": _texts([text for part in parts for text in part.hashes]),
        "group_key": _texts([text for part in parts for text in _group_keys(part)]),
    }
    # Half precision is finer than any test of the monitor, and zeros compress.
    embeddings = np.concatenate([part.scores.embeddings for part in parts]).astype(np.float16)
    lists = {
        "probabilities": np.concatenate([part.scores.probabilities for part in parts]),
        "embedding": embeddings.astype(np.float32),
        "statistics": np.concatenate([part.statistics for part in parts]),
    }
    _write_parquet(path, columns, lists)


def _write_parquet(
    path: Path, columns: dict[str, NDArray[Any]], lists: dict[str, NDArray[np.float32]]
) -> None:
    # duckdb reads flat numpy columns without a copy, so lists travel as one column an element.
    table, selected = dict(columns), [f'"{name}"' for name in columns]
    for name, values in lists.items():
        parts = [f"{name}_{position}" for position in range(values.shape[1])]
        table |= {
            part: np.ascontiguousarray(values[:, i], np.float32) for i, part in enumerate(parts)
        }
        selected.append(f'[{", ".join(parts)}]::FLOAT[] AS "{name}"')
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("baseline_rows", table)
        query = f"SELECT {', '.join(selected)} FROM baseline_rows"  # noqa: S608 - fixed names
        connection.sql(query).write_parquet(str(path), compression="zstd")


def _group_keys(part: BaselineRows) -> tuple[str, ...]:
    return part.group_keys or ("",) * len(part.image_ids)


def _measure(example: Example) -> tuple[NDArray[np.float32], str]:
    if example.statistics is not None and example.dhash is not None:
        return np.array(example.statistics, dtype=np.float32), example.dhash
    try:
        image = decode_image(example.read())
    except (NotAnImage, ImageTooLarge) as error:
        # The example was decoded a moment ago to be scored.
        raise RuntimeError(f"image {example.image_id} changed while it was evaluated") from error
    return measure_image(image), dhash(image)


def _shrink(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Make huge photos affordable; the offset restores statistics of the full resolution."""
    height, width = image.shape[:2]
    if height * width <= _MAX_CORRUPTED_PIXELS:
        return image, np.zeros(NUM_STATISTICS, dtype=np.float32)
    scale = (_MAX_CORRUPTED_PIXELS / (height * width)) ** 0.5
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    small = np.asarray(PillowImage.fromarray(image).resize(size, PillowImage.Resampling.BILINEAR))
    return small, measure_image(image) - measure_image(small)


def _table(rows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.array(rows, dtype=np.float32).reshape(len(rows), NUM_STATISTICS)


def _texts(values: Sequence[str]) -> NDArray[Any]:
    return np.array(values, dtype=object)
