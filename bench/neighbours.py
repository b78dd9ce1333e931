"""How long the nearest neighbours of a vector take, exactly and with the vector extra.

python bench/neighbours.py [--dimension 512] [--many 1000000]

Vectors are drawn around many centres, as embeddings lie, and have length 1. Recall is the share of
the true 20 nearest that the approximate index finds.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
from numpy.typing import NDArray

from visionloop.data.embeddings.neighbours import (
    ApproximateNeighbours,
    ExactNeighbours,
    Neighbours,
    build_index,
)

NEAREST = 20
QUERIES = 40


def make_vectors(number: int, dimension: int) -> NDArray[np.float32]:
    """Draw vectors of length 1 around one centre per thousand of them."""
    chance = np.random.default_rng(0)
    centres = chance.standard_normal((max(1, number // 1000), dimension), dtype=np.float32)
    matrix = np.empty((number, dimension), dtype=np.float32)
    for start in range(0, number, 50_000):
        rows = matrix[start : start + 50_000]
        rows[:] = chance.standard_normal(rows.shape, dtype=np.float32)
        rows += centres[chance.integers(0, len(centres), len(rows))]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return matrix


def time_queries(neighbours: Neighbours, queries: NDArray[np.float32]) -> list[float]:
    """Return milliseconds of every query."""
    neighbours.nearest(queries[0], NEAREST)
    found = []
    for query in queries:
        started = time.perf_counter()
        neighbours.nearest(query, NEAREST)
        found.append((time.perf_counter() - started) * 1e3)
    return found


def describe(name: str, milliseconds: list[float], bar_ms: float) -> None:
    """Print median and 95th percentile beside the bar."""
    p95 = sorted(milliseconds)[int(0.95 * len(milliseconds))]
    median = statistics.median(milliseconds)
    print(f"{name:44s} median {median:6.2f} ms   p95 {p95:6.2f} ms   bar {bar_ms:.0f} ms")


def measure_recall(
    matrix: NDArray[np.float32], index: Neighbours, queries: NDArray[np.float32]
) -> float:
    """Return the share of the true nearest rows that the index finds."""
    exact = ExactNeighbours(matrix)
    hits = 0
    for query in queries:
        true = set(exact.nearest(query, NEAREST)[0].tolist())
        hits += len(true & set(index.nearest(query, NEAREST)[0].tolist()))
    return hits / (len(queries) * NEAREST)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--many", type=int, default=1_000_000)
    options = parser.parse_args()
    matrix = make_vectors(100_000, options.dimension)
    chosen = np.random.default_rng(1).integers(0, len(matrix), QUERIES)
    times = time_queries(ExactNeighbours(matrix), matrix[chosen])
    describe(f"exact, 100,000 x {options.dimension}", times, 20.0)
    del matrix
    matrix = make_vectors(options.many, options.dimension)
    started = time.perf_counter()
    index = build_index(matrix)
    if index is None:
        print("approximate: left out, the vector extra is not installed")
        return
    print(f"index of {options.many:,} built in {time.perf_counter() - started:.0f} s")
    queries = matrix[np.random.default_rng(1).integers(0, len(matrix), QUERIES)]
    approximate = ApproximateNeighbours(index)
    times = time_queries(approximate, queries)
    describe(f"IVF-SQ8, {options.many:,} x {options.dimension}", times, 50.0)
    print(f"recall@{NEAREST} {measure_recall(matrix, approximate, queries):.3f}")


if __name__ == "__main__":
    main()
