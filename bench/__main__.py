"""Run the benchmarks that need nothing but this checkout, one after the other.

Those that need photos or weights (``drill_recipe``) and ``visionloop drill`` itself take arguments.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "labeling_queue",
    "consensus",
    "active_learning",
    "startup",
    "monitoring_drift",
    "serving_throughput",
    "formats",
)


def main() -> None:
    """Run each in a process of its own, so that none warms the next."""
    for name in BENCHMARKS:
        print(f"\n== bench/{name}.py", flush=True)
        subprocess.run([sys.executable, Path(__file__).with_name(f"{name}.py")], check=True)


if __name__ == "__main__":
    main()
