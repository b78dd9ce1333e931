"""The shared loop: it resumes to the same result, adds gradients up, stops early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from visionloop.training.catalog import parse_config
from visionloop.training.errors import TrainingStateForeign

torch = pytest.importorskip("torch", reason="left out: the training extra is not installed")
pytestmark = pytest.mark.torch

from tests.training import killed_training  # noqa: E402
from tests.training.test_recipes import _config, _data, _set, recipe  # noqa: E402
from visionloop.training.recipes import loop  # noqa: E402
from visionloop.training.recipes.interface import Progress  # noqa: E402


class _Killed(BaseException):
    """Stands for the end of the process between two steps."""


def _numbers(trained) -> list[dict[str, float]]:
    return [
        {name: value for name, value in record.metrics.items() if name != "seconds"}
        for record in trained.history
    ]


@pytest.mark.parametrize("kill_at", [1, 4, 8])
def test_a_killed_training_ends_as_one_that_was_never_killed(tmp_path: Path, kill_at: int):
    config = _config(epochs=4, batch_size=8, augmentation="standard", dropout=0.3, accumulate=2)
    whole = recipe.train(config, _data())
    steps = iter(range(1, 1000))

    def die(_: float) -> None:
        if next(steps) == kill_at:
            raise _Killed

    state = tmp_path / "training.state"
    with pytest.raises(_Killed):
        recipe.train(config, _data(), progress=Progress(die, state_path=state, save_every_s=0.0))
    assert state.is_file() == (kill_at > 1)
    resumed = recipe.train(config, _data(), progress=Progress(state_path=state))
    assert _numbers(resumed) == _numbers(whole)
    assert resumed.facts == whole.facts
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name


def test_a_training_that_is_killed_with_signal_nine_resumes_in_another_process(tmp_path: Path):
    state = tmp_path / "training.state"
    killed = subprocess.run(
        [sys.executable, "-m", "tests.training.killed_training", str(state), "7"],
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=120,
    )
    assert killed.returncode == -signal.SIGKILL
    assert state.is_file()
    resumed = recipe.train(killed_training.config(), _data(), progress=Progress(state_path=state))
    whole = recipe.train(killed_training.config(), _data())
    assert _numbers(resumed) == _numbers(whole)


def test_two_processes_train_one_model(tmp_path: Path):
    """Their gradients are averaged, so both end with the same weights and the same verdict."""
    command = [sys.executable, "-m", "tests.training.distributed_training"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    started = [
        subprocess.Popen(
            [*command, str(rank), "2", str(tmp_path / "store"), str(tmp_path / "result")],
            env=environment,
        )
        for rank in range(2)
    ]
    try:
        assert [process.wait(timeout=200) for process in started] == [0, 0]
    finally:
        for process in started:
            process.kill()
    first, second = ((tmp_path / f"result.{rank}").read_text().split() for rank in range(2))
    assert first[1:] == second[1:]
    assert first[2] == "2"


def test_a_state_of_other_settings_is_refused(tmp_path: Path):
    state = tmp_path / "training.state"
    recipe.train(_config(epochs=1), _data(), progress=Progress(state_path=state))
    with pytest.raises(TrainingStateForeign, match="delete it"):
        recipe.train(_config(epochs=2), _data(), progress=Progress(state_path=state))
    state.write_bytes(b"no state")
    with pytest.raises(TrainingStateForeign):
        recipe.train(_config(epochs=1), _data(), progress=Progress(state_path=state))


def test_accumulated_gradients_equal_those_of_a_larger_batch():
    values = {"epochs": 1, "dropout": 0.0, "weight_averaging": 0.0, "learning_rate": 1e-3}
    networks = []
    for settings in ({"batch_size": 24}, {"batch_size": 8, "accumulate": 3}):
        config = parse_config("classification", {"image_size": 32} | values | settings)
        learner, sampler = _linear(config)
        networks.append(loop.fit(learner, config, sampler).network)
    first, second = (dict(network.named_parameters()) for network in networks)
    for name, value in first.items():
        assert torch.allclose(value, second[name], atol=1e-5), name


def _linear(config):
    """A learner without normalisation, whose gradients are means over images."""
    from visionloop.training.recipes.sampling import Sampler

    class Linear:
        def __init__(self) -> None:
            torch.manual_seed(0)
            self.network = torch.nn.Linear(3 * 32 * 32, 4)
            self.backbone = torch.nn.Identity()
            self.images = torch.from_numpy(_set().pixels.reshape(24, -1)).float() / 255

        def make_batch(self, rows, generator):
            return self.images[rows], torch.from_numpy(rows % 4)

        def loss(self, network, batch):
            return torch.nn.functional.cross_entropy(network(batch[0]), batch[1]), {}

        def validate(self, network):
            return {"val_loss": 0.0}

        def rank(self, metrics):
            return (0.0,)

    return Linear(), Sampler(config, 24)


def test_training_stops_when_the_validation_images_bring_nothing_new():
    config = parse_config("classification", {"image_size": 32, "epochs": 50, "patience": 2})
    learner, sampler = _linear(config)
    assert len(loop.fit(learner, config, sampler).history) == 3


def test_brain_floats_learn_too():
    trained = recipe.train(_config(epochs=6, precision="bfloat16"), _data())
    assert trained.history[-1].metrics["train_loss"] < trained.history[0].metrics["train_loss"]
    assert all(p.dtype == torch.float32 for p in trained.network.parameters())


def test_the_learning_rate_rises_and_falls():
    config = _config(warm_up=0.1)
    rates = [loop.learning_rate(config, step, 100) for step in range(100)]
    assert int(np.argmax(rates)) == 9
    assert rates[0] < rates[5] < rates[9] > rates[50] > rates[99] > 0
