"""Seeded synthetic models, streams and logs that the monitoring tests share.

A model here is a softmax over the distance of an embedding to class centres; persons shift
embedding and statistics, so that images of one person are alike, as real ones are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

from visionloop.monitoring.samples import Baseline, Samples

NUM_CLASSES, DIMENSION, NUM_STATISTICS = 4, 24, 14
CLASSES = ("washer", "bolt", "nut", "gear")
DIGEST = "ab" * 32
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Fixed class centres, from a seed."""

    centres: np.ndarray
    person_spread: float = 0.35

    @classmethod
    def make(cls, seed: int = 0, person_spread: float = 0.35) -> World:
        rng = np.random.default_rng(seed)
        return cls(rng.normal(0, 0.85, (NUM_CLASSES, DIMENSION)), person_spread)

    def draw(
        self,
        num_persons: int,
        per_person: int,
        rng: np.random.Generator,
        *,
        shift: float = 0.0,
        noise: float = 1.0,
    ) -> tuple[Samples, np.ndarray, np.ndarray]:
        """Return samples, labels and person numbers; `shift` moves light, `noise` blurs classes."""
        count = num_persons * per_person
        persons = np.repeat(np.arange(num_persons), per_person)
        labels = rng.integers(0, NUM_CLASSES, count)
        person_embedding = rng.normal(0, self.person_spread, (num_persons, DIMENSION))[persons]
        embeddings = self.centres[labels] + person_embedding
        embeddings += rng.normal(0, 1.25 * noise, (count, DIMENSION))
        distances = ((embeddings[:, None] - self.centres[None]) ** 2).sum(axis=2)
        logits = -distances / 5.0
        probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        person_statistics = rng.normal(0, self.person_spread, (num_persons, NUM_STATISTICS))
        statistics = rng.normal(0, 1, (count, NUM_STATISTICS)) + person_statistics[persons] + shift
        return Samples(100 + 20 * statistics, probabilities, embeddings), labels, persons


def make_baseline(seed: int = 0, *, num_persons: int = 40, per_person: int = 8) -> Baseline:
    """A clean reference and two families of corruption with falling accuracy."""
    world, rng = World.make(), np.random.default_rng(seed)
    clean, labels, persons = world.draw(num_persons, per_person, rng)
    parts, corruptions = [clean], ["none"] * len(clean)
    truth, ids = [labels], [f"{index:064x}" for index in range(len(clean))]
    for family, shift in (("blur", 0.6), ("dark", -0.8)):
        for noise in (1.4, 2.0):
            damaged, damaged_labels, _ = world.draw(
                num_persons, per_person, rng, shift=shift * noise / 2, noise=noise
            )
            parts.append(damaged)
            truth.append(damaged_labels)
            corruptions += [family] * len(damaged)
    repeats = len(parts)
    return Baseline(
        samples=stack(parts),
        labels=np.concatenate(truth),
        image_ids=np.array(ids * repeats),
        splits=np.array((["val", "test"] * len(clean))[: len(clean)] * repeats),
        corruptions=np.array(corruptions),
        groups=np.tile(persons, repeats),
        has_groups=True,
    )


def stack(parts: list[Samples]) -> Samples:
    return Samples(
        np.concatenate([part.statistics for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.embeddings for part in parts]),
    )


def write_baseline_file(path: Path, baseline: Baseline, *, with_groups: bool = True) -> None:
    """Write baseline.parquet as evaluation does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    rows = [
        {
            "image_id": str(baseline.image_ids[index]),
            "split": str(baseline.splits[index]),
            "corruption": str(baseline.corruptions[index]),
            "severity": 0,
            "label": int(baseline.labels[index]),
            "probabilities": baseline.samples.probabilities[index].round(6).tolist(),
            "embedding": baseline.samples.embeddings[index].round(5).tolist(),
            "statistics": baseline.samples.statistics[index].round(4).tolist(),
            "dhash": f"{int(rng.integers(0, 2**63)):016x}",
            **({"group_key": f"person-{baseline.groups[index]}"} if with_groups else {}),
        }
        for index in range(len(baseline.labels))
    ]
    lines = path.with_suffix(".jsonl")
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_json('{lines}')) TO '{path}' (FORMAT parquet)"
        )


def make_records(
    samples: Samples,
    *,
    endpoint: str = "parts",
    first: int = 0,
    digest: str = DIGEST,
    seed: int = 7,
    metadata: dict[str, object] | None = None,
) -> list[dict[str, object]]:
    """Log records as the serving process writes them, one a second."""
    rng = np.random.default_rng(seed + first)
    return [
        {
            "request_id": f"req-{first + index:06d}",
            "time": (START + timedelta(seconds=first + index)).isoformat(),
            "endpoint": endpoint,
            "deployment": "blue",
            "model_digest": digest,
            "image_id": f"{int(rng.integers(0, 2**62)):064x}",
            "label": CLASSES[int(samples.predicted[index])],
            "score": float(samples.probabilities[index].max()),
            "dhash": f"{int(rng.integers(0, 2**63)):016x}",
            "width": 320,
            "height": 240,
            "decode_ms": 1.0,
            "inference_ms": 2.0,
            "total_ms": 4.0 + index % 5,
            "image_stored": False,
            "metadata": metadata or {"source": "test"},
            "probabilities": samples.probabilities[index].tolist(),
            "embedding": samples.embeddings[index].tolist(),
            "statistics": samples.statistics[index].tolist(),
        }
        for index in range(len(samples))
    ]


def write_spool(folder: Path, name: str, records: list[dict[str, object]], tail: str = "") -> Path:
    """Write a spool file of an endpoint's prediction folder."""
    spool = folder / "spool"
    spool.mkdir(parents=True, exist_ok=True)
    path = spool / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records) + tail)
    return path
