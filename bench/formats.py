"""Measure annotation formats: CPU time and memory against Datumaro, peers' counts, bulk imports.

python bench/formats.py --peers /path/to/python   # of an environment with datumaro, supervision
                                                  # and pycocotools; leave it out to measure alone
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.formats_sets import write_coco_set, write_images

HERE = Path(__file__).resolve().parent
_RUNS = 3
_COUNTS_FROM_ONE = ("supervision, VOC",)
_IMPORT_BAR_S = 120.0
_MEMORY_BAR_MB = 300.0


def measure(python: str, script: str, *arguments: str) -> dict[str, Any]:
    """Run one measurement in a process of its own and return what it prints."""
    done = subprocess.run(
        [python, HERE / script, *arguments], check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{script} {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare_speed(folder: Path, peers: str | None) -> None:
    """Print CPU seconds to read and to write, in turns, and the memory of a conversion."""
    source = folder / "set"
    facts = write_coco_set(source, num_images=5000, num_annotations=50_000)
    print(f"COCO of {facts['images']:,} images, {facts['annotations']:,} annotations "
          f"({facts['bytes'] / 1e6:.1f} MB): {facts['kinds']}")  # fmt: skip
    ours: dict[str, list[float]] = {"read": [], "write": []}
    theirs: dict[str, list[float]] = {"read": [], "write": []}
    for run in range(_RUNS):
        for name, seconds in ours.items():
            out = str(folder / f"ours-{name}-{run}")
            seconds.append(
                measure(sys.executable, "formats_ours.py", name, str(source), out)["cpu_s"]
            )
        for name, seconds in theirs.items() if peers else ():
            out = str(folder / f"theirs-{name}-{run}")
            found = measure(str(peers), "formats_peers.py", name, str(source), out)
            seconds.append(found["cpu_s"])
    for name, seconds in ours.items():
        own = statistics.median(seconds)
        line = f"  {name:5}  Visionloop {own:.2f} CPU s"
        if peers:
            other = statistics.median(theirs[name])
            line += f"   Datumaro {other:.2f} CPU s   ratio {own / other:.2f} (bar 1.00)"
        print(line)
    found = measure(sys.executable, "formats_ours.py", "convert", str(source), str(folder / "same"))
    print(f"  same content after read, write, read: {found['same']}")
    print(f"  peak memory of read and write in one go: {found['peak_mb']:.0f} MB "
          f"(bar {_MEMORY_BAR_MB:.0f})")  # fmt: skip


def compare_readers(folder: Path, peers: str) -> None:
    """Export one set to COCO, YOLO and VOC and let the peers count what they see."""
    source = folder / "small"
    write_coco_set(source, num_images=300, num_annotations=3000, only_boxes=True)
    write_images(source)
    exported = folder / "exported"
    expected = measure(sys.executable, "formats_ours.py", "export", str(source), str(exported))
    found = measure(peers, "formats_peers.py", "count", str(exported), "")
    print(f"Exported sets read by the peers ({expected['images']} images, "
          f"{expected['boxes']} boxes)")  # fmt: skip
    for name, seen in found.items():
        same = all(seen[key] == expected[key] for key in ("images", "boxes"))
        corners = seen["corners"]
        if name in _COUNTS_FROM_ONE:
            corners = [[x1 + 1, y1 + 1, x2, y2] for x1, y1, x2, y2 in corners]
        off = max_difference(corners, expected["corners"])
        shown = f"{name} *" if name in _COUNTS_FROM_ONE else name
        print(f"  {shown:24} {seen['images']} images, {seen['boxes']} boxes, "
              f"{'equal' if same and off < 0.01 else 'DIFFERENT'}, corners differ by at most "
              f"{off:.1e} px")  # fmt: skip
    print("  * takes the left and upper side as counted from 1; its shift by one pixel is undone")


def max_difference(first: list[list[float]], second: list[list[float]]) -> float:
    """Return the largest difference between two lists of boxes, both in order."""
    if len(first) != len(second):
        return float("inf")
    pairs = zip(_ordered(first), _ordered(second), strict=True)
    return max((abs(a - b) for one, two in pairs for a, b in zip(one, two, strict=True)), default=0)


def _ordered(boxes: list[list[float]]) -> list[list[float]]:
    """Sort boxes so that rounding to 32 bits does not change their order."""
    return sorted(boxes, key=lambda box: [round(value, 1) for value in box])


def measure_import() -> None:
    """Print how long 200,000 labels take onto images that are there."""
    found = measure(sys.executable, "formats_ours.py", "import", "", "")
    print(f"Import of {found['annotations']:,} labels onto {found['images']:,} images (SQLite): "
          f"{found['wall_s']:.1f} s (bar {_IMPORT_BAR_S:.0f})")  # fmt: skip


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description="Measure annotation formats.")
    parser.add_argument("--peers", help="Python of an environment with the peers")
    peers = parser.parse_args().peers
    with tempfile.TemporaryDirectory(prefix="bench-formats-") as folder:
        compare_speed(Path(folder), peers)
        if peers:
            compare_readers(Path(folder), peers)
    measure_import()


if __name__ == "__main__":
    main()
