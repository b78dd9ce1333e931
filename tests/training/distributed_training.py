"""One of several processes that train one model together: RANK WORLD STORE RESULT."""

from __future__ import annotations

import sys
from pathlib import Path


def main(rank: int, world: int, store: Path, result: Path) -> None:
    from torch import distributed

    from tests.training.test_recipes import _config, _data, recipe

    distributed.init_process_group(
        "gloo", init_method=f"file://{store}", rank=rank, world_size=world
    )
    config = _config(epochs=2, batch_size=8, freeze_epochs=1, augmentation="light")
    trained = recipe.train(config, _data())
    total = sum(value.double().sum().item() for value in trained.network.state_dict().values())
    score = trained.history[-1].metrics["val_accuracy"]
    result.with_suffix(f".{rank}").write_text(f"{total!r} {score!r} {len(trained.history)}")
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
