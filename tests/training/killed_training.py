"""A training that kills its own process after a number of steps: STATE STEP."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any


def config() -> Any:
    """Return what is trained, here and where it is resumed."""
    from tests.training.test_recipes import _config

    return _config(epochs=4, batch_size=8, augmentation="light")


def main(state: Path, kill_at: int) -> None:
    from tests.training.test_recipes import _data, recipe
    from visionloop.training.recipes.interface import Progress

    steps = iter(range(1, 10_000))

    def on_step(_: float) -> None:
        if next(steps) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    recipe.train(config(), _data(), progress=Progress(on_step, None, state, save_every_s=0.0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
