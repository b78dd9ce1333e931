"""The training loop that every recipe shares: from a learner to the weights of its best epoch.

Every random choice is a function of the seed and the step, so that a killed training goes on
exactly as it would have gone on without the kill.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from visionloop.training.errors import TrainingDiverged
from visionloop.training.loop_config import LoopConfig
from visionloop.training.recipes import processes
from visionloop.training.recipes.hardware import autocast, choose_device, memory_explained, move
from visionloop.training.recipes.interface import (
    EpochRecord,
    Learner,
    Metrics,
    Progress,
    Rows,
    TrainedModel,
)
from visionloop.training.recipes.sampling import Sampler
from visionloop.training.recipes.training_state import fingerprint, read_state, write_state


def fit(
    learner: Learner, config: LoopConfig, sampler: Sampler, progress: Progress | None = None
) -> TrainedModel:
    """Train and return the weights of the epoch that is best on the validation images.

    Args:
        learner: the task; its network is moved to the accelerator where there is one.
        config: how to train.
        sampler: which images each epoch draws.
        progress: whom to tell, and where to keep the state that a killed training resumes from.

    Raises:
        TrainingDiverged: the loss is no longer a number.
        TrainingStateForeign: the state to resume from is of another training.
        MemoryTooSmall: a batch does not fit.
    """
    progress = progress or Progress()
    if config.num_threads:
        torch.set_num_threads(config.num_threads)
    trainer = Trainer(learner, config, sampler, progress)
    trainer.resume()
    while not trainer.is_over:
        trainer.run_epoch()
    return trainer.finish()


@dataclass
class Course:
    """Where a training stands; everything that a resumed one must know besides the weights.

    Attributes:
        batch: within the epoch; a state is written between two steps of the optimiser.
        sums: numbers of this epoch's batches, weighted by images.
        stale: epochs since the best one.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    seen: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    best_rank: tuple[float, ...] | None = None
    best_epoch: int = 0
    stale: int = 0
    history: list[EpochRecord] = field(default_factory=list)

    def add(self, numbers: Mapping[str, float], count: int) -> None:
        """Count the numbers of one batch in."""
        self.seen += count
        for name, value in numbers.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * count


class Trainer:
    """Holds what one step hands to the next: weights, their average, optimiser, course."""

    def __init__(
        self, learner: Learner, config: LoopConfig, sampler: Sampler, progress: Progress
    ) -> None:
        self.learner, self.config, self.sampler = learner, config, sampler
        self.progress, self.course = progress, Course()
        self.device = choose_device()
        # Convolutions are 10 to 60 % faster in this memory layout.
        network = learner.network.to(self.device, memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(network) if config.weight_averaging else network
        self.network, self.distributed = (
            network,
            processes.spread(network, is_partly_frozen=config.freeze_epochs > 0),
        )
        self.optimiser = torch.optim.AdamW(_parameter_groups(network, config.weight_decay))
        self.total_steps = config.epochs * math.ceil(sampler.num_batches / config.accumulate)
        self.best = _copy_state(self.averaged)
        self.mark = fingerprint(config, len(sampler.weights))
        self.saved_at = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Tell whether all epochs are done, or too many brought nothing."""
        tired = 0 < self.config.patience <= self.course.stale
        return self.course.epoch >= self.config.epochs or tired

    def run_epoch(self) -> EpochRecord:
        """Make one pass over the training images and measure the result."""
        started, course = time.monotonic(), self.course
        batches = self.sampler.draw(course.epoch)
        self.network.train()
        self._freeze(course.epoch < self.config.freeze_epochs)
        while course.batch < len(batches):
            group = batches[course.batch : course.batch + self.config.accumulate]
            self._step(group)
            course.batch += len(group)
            if self.progress.on_step:
                self.progress.on_step(course.step / self.total_steps)
            self._save_if_due()
        return self._close_epoch(started)

    def finish(self) -> TrainedModel:
        """Return the best weights on the CPU."""
        self.averaged.load_state_dict(self.best)
        network = self.averaged.to("cpu").eval()
        threads = torch.get_num_threads()
        history = tuple(self.course.history)
        return TrainedModel(network, self.course.best_epoch, history, num_threads=threads)

    def resume(self) -> None:
        """Go on where a killed training with the same settings stopped."""
        path = self.progress.state_path
        state = None if path is None else read_state(path, self.mark)
        if state is None:
            return
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.best = move(state["best"], self.device)
        values = state["course"]
        history = [EpochRecord(epoch, metrics) for epoch, metrics in values.pop("history")]
        self.course = Course(**values, history=history)
        for record in history:
            if self.progress.on_epoch:
                self.progress.on_epoch(record)

    def save(self) -> None:
        """Write what a resumed training needs."""
        path = self.progress.state_path
        self.saved_at = time.monotonic()
        if path is None or not processes.is_first():
            return
        history = [(record.epoch, dict(record.metrics)) for record in self.course.history]
        state = {
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "best": self.best,
            "course": vars(self.course) | {"history": history},
        }
        write_state(path, self.mark, state)

    def _save_if_due(self) -> None:
        if time.monotonic() - self.saved_at >= self.progress.save_every_s:
            self.save()

    def _step(self, group: list[Rows]) -> None:
        """Move the weights once, by the gradients of one or several batches."""
        torch.manual_seed(_mix(self.config.seed, self.course.step, processes.rank()))
        rate = learning_rate(self.config, self.course.step, self.total_steps)
        for parameters in self.optimiser.param_groups:
            parameters["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        with memory_explained(self.config.batch_size):
            for position, rows in enumerate(group):
                generator = Generator().manual_seed(
                    _mix(self.config.seed, self.course.step, position, processes.rank())
                )
                self._learn(processes.share(rows), generator, 1.0 / len(group))
        if self.config.gradient_clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.config.gradient_clip)
        self.optimiser.step()
        self.course.step += 1
        self._average()

    def _learn(self, rows: Rows, generator: Generator, share: float) -> None:
        batch = move(self.learner.make_batch(rows, generator), self.device)
        with autocast(self.config, self.device):
            loss, numbers = self.learner.loss(self.distributed, batch)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingDiverged(self.course.epoch, self.config.learning_rate)
        (loss * share).backward()
        self.course.add({"loss": value, **numbers}, len(rows))

    def _average(self) -> None:
        """Follow the weights; early steps count less, because the weights still move far."""
        if self.averaged is self.network:
            return
        step = self.course.step
        decay = min(self.config.weight_averaging, (1 + step) / (10 + step))
        averages: list[Tensor] = []
        values: list[Tensor] = []
        current = self.network.state_dict()
        for name, average in self.averaged.state_dict().items():
            if average.dtype.is_floating_point:
                averages.append(average)
                values.append(current[name])
            else:
                average.copy_(current[name])
        with torch.no_grad():
            torch._foreach_lerp_(averages, values, 1.0 - decay)

    def _close_epoch(self, started: float) -> EpochRecord:
        course = self.course
        metrics = {f"train_{name}": value / course.seen for name, value in course.sums.items()}
        metrics |= processes.agree(lambda: dict(self.learner.validate(self.averaged.eval())))
        metrics["learning_rate"] = float(self.optimiser.param_groups[0]["lr"])
        metrics["seconds"] = time.monotonic() - started
        record = EpochRecord(course.epoch, metrics)
        self._keep_best(metrics)
        course.history.append(record)
        course.epoch, course.batch, course.seen, course.sums = course.epoch + 1, 0, 0, {}
        self.save()
        if self.progress.on_epoch:
            self.progress.on_epoch(record)
        return record

    def _keep_best(self, metrics: Metrics) -> None:
        rank = self.learner.rank(metrics)
        if self.course.best_rank is None or rank > self.course.best_rank:
            self.course.best_rank, self.course.best_epoch = rank, self.course.epoch
            self.course.stale, self.best = 0, _copy_state(self.averaged)
        else:
            self.course.stale += 1

    def _freeze(self, frozen: bool) -> None:
        for parameter in self.learner.backbone.parameters():
            parameter.requires_grad_(not frozen)
        if frozen:
            # Batch statistics of frozen features must not move either.
            self.learner.backbone.eval()


def learning_rate(config: LoopConfig, step: int, total_steps: int) -> float:
    """Return the rate of a step: a linear warm-up, then half a cosine down to nothing."""
    warm = min(1.0, (step + 1) / max(1.0, config.warm_up * total_steps))
    cosine = 0.5 * (1.0 + math.cos(math.pi * step / total_steps))
    return config.learning_rate * warm * cosine


def _parameter_groups(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Decay weights only: shrinking biases and normalisation scales helps nothing."""
    parameters = list(network.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


def _copy_state(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _mix(*numbers: int) -> int:
    """Return a seed that depends on all of the numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))
