"""CPU time of the fourteen statistics and the perceptual hash, decode excluded.

python bench/monitoring_statistics.py
"""

from __future__ import annotations

import time

import numpy as np

from visionloop.data.hashing import dhash
from visionloop.data.statistics import measure_image

REPEATS = 300


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    for width, height in ((640, 480), (1920, 1080), (100, 100)):
        images = [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(6)]
        for image in images:
            measure_image(image)
            dhash(image)
        best = np.inf
        for _ in range(5):
            start = time.process_time()
            for index in range(REPEATS // 5):
                measure_image(images[index % 6])
                dhash(images[index % 6])
            best = min(best, (time.process_time() - start) / (REPEATS // 5))
        print(f"{width} x {height}: {best * 1000:.3f} ms CPU   target <= 0.3")


if __name__ == "__main__":
    main()
