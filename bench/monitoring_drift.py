"""False alarms and power of the drift tests on seeded synthetic features.

    python bench/monitoring_drift.py

Prints every figure beside its target (MONITORING.md); takes about a minute on one core.
Features stand in for a model with persons: images of one person are alike, as in real data.
"""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

import numpy as np

from visionloop.monitoring.drift import Calibration, calibrate, detect_drift
from visionloop.monitoring.samples import Samples, newest_distinct

NUM_CLASSES, DIMENSION, NUM_STATISTICS = 8, 64, 14
REFERENCE_PERSONS, PER_PERSON = 60, 10
TRIALS = 300


@dataclass(frozen=True)
class World:
    """A seeded population of persons, and ways in which their images can shift."""

    centres: np.ndarray
    spread: float

    def draw(
        self, persons: int, per_person: int, rng: np.random.Generator, shift: float = 0.0
    ) -> Samples:
        """Images of new persons; `shift` moves four statistics and the embedding's noise."""
        count = persons * per_person
        who = np.repeat(np.arange(persons), per_person)
        labels = rng.integers(0, NUM_CLASSES, count)
        own = rng.normal(0, self.spread, (persons, DIMENSION))[who]
        embeddings = self.centres[labels] + own
        embeddings += rng.normal(0, 1 + shift / 2, (count, DIMENSION))
        distances = ((embeddings[:, None] - self.centres[None]) ** 2).sum(axis=2)
        logits = -(distances - distances.min(axis=1, keepdims=True)) / 6
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        light = rng.normal(0, self.spread, (persons, NUM_STATISTICS))[who]
        statistics = rng.normal(0, 1, (count, NUM_STATISTICS)) + light
        statistics[:, :4] += shift
        return Samples(statistics, probabilities, embeddings)


def alarm_rate(
    world: World, calibration: Calibration, size: int, *, per_person: int, shift: float = 0.0
) -> float:
    """Share of windows of `size` images called drifted at alpha 5 %."""
    alarms = 0
    for trial in range(TRIALS):
        rng = np.random.default_rng((size, per_person, trial))
        window = world.draw(size // per_person, per_person, rng, shift)
        alarms += detect_drift(calibration, window, alpha=0.05).is_drifted
    return alarms / TRIALS


def repeated_alarm_rate(world: World, calibration: Calibration, size: int) -> float:
    """The same for clean windows in which every image comes five times, deduplicated."""
    alarms = 0
    for trial in range(TRIALS // 3):
        rng = np.random.default_rng((5, trial))
        window = world.draw(size, 1, rng)
        hashes = [f"{int(value):016x}" for value in rng.integers(0, 2**63, size)]
        repeats = np.tile(np.arange(size), 5)
        distinct = newest_distinct(
            [hashes[index] for index in repeats], window.embeddings[repeats], size
        )
        chosen = window.take(repeats).take(distinct)
        assert len(chosen) == size
        alarms += detect_drift(calibration, chosen, alpha=0.05).is_drifted
    return alarms / (TRIALS // 3)


def report(name: str, value: float, target: str) -> None:
    print(f"{name:<62} {value:7.3f}   target {target}")


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 0.6, (NUM_CLASSES, DIMENSION))
    print(f"false alarms at alpha 5 %, {TRIALS} windows, mean of 6 references")
    for label, spread, per_person in (("independent images", 0.0, 1), ("persons", 0.4, PER_PERSON)):
        world = World(centres, spread)
        groups = np.repeat(np.arange(REFERENCE_PERSONS), PER_PERSON) if spread else None
        rates: dict[int, list[float]] = {50: [], 100: [], 200: []}
        powers: dict[int, list[float]] = {50: [], 100: [], 200: []}
        repeated = []
        for seed in range(6):
            reference = world.draw(REFERENCE_PERSONS, PER_PERSON, np.random.default_rng(seed + 1))
            calibration = calibrate(reference, groups=groups, seed=seed)
            for size, found in rates.items():
                found.append(alarm_rate(world, calibration, size, per_person=per_person))
                powers[size].append(
                    alarm_rate(world, calibration, size, per_person=per_person, shift=0.3)
                )
            if not spread:
                repeated.append(repeated_alarm_rate(world, calibration, 100))
        for size, found in rates.items():
            target = "<= 0.09" if size == 50 else "0.03 to 0.07"
            report(f"  {label}, n = {size}: false alarms", float(np.mean(found)), target)
        for size, found in powers.items():
            report(f"  {label}, n = {size}: power at a mild shift", float(np.mean(found)), "-")
        if repeated:
            report(
                "  every image five times, after deduplication", float(np.mean(repeated)), "<= 0.07"
            )
    world = World(centres, 0.4)
    reference = world.draw(100, 10, np.random.default_rng(1))
    start = time.process_time()
    calibration = calibrate(reference, groups=np.repeat(np.arange(100), 10), sizes=(200,))
    report("calibration of 1,000 images, one window size, s CPU", time.process_time() - start, "-")
    window = world.draw(50, 10, np.random.default_rng(2))
    start = time.process_time()
    for _ in range(20):
        detect_drift(calibration, window)
    milliseconds = (time.process_time() - start) / 20 * 1000
    report("drift job, 1,000 against 500 images, ms CPU", milliseconds, "<= 50")
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report("peak RSS, MB", rss, "<= 250")


if __name__ == "__main__":
    main()
