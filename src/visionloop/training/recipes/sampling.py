"""Which training images an epoch draws, as a function of the seed and the epoch alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from visionloop.training.loop_config import LoopConfig
from visionloop.training.recipes.interface import Rows


class Sampler:
    """Draws the batches of an epoch.

    After a warm start, new images fill a fixed share of every epoch. Class balance draws images
    of rare classes more often.

    Args:
        config: batch size, seed, shares.
        count: number of training images.
        is_new: (N,) which of them the warm start never saw.
        class_sets: the classes that each image shows, where classes are to be balanced.
    """

    def __init__(
        self,
        config: LoopConfig,
        count: int,
        *,
        is_new: NDArray[np.bool_] | None = None,
        class_sets: Sequence[Sequence[int]] | None = None,
    ) -> None:
        self.seed = config.seed
        self.batch_size = min(config.batch_size, count)
        self.num_batches = max(1, count // self.batch_size)
        self.weights = np.ones(count)
        if class_sets is not None and config.class_balance:
            self.weights = balance_weights(class_sets, config.class_balance)
        self.new, self.old = np.array([], dtype=np.int64), np.arange(count)
        self.num_new = 0
        if is_new is not None and is_new.any() and not is_new.all():
            self.new, self.old = np.flatnonzero(is_new), np.flatnonzero(~is_new)
            share = max(len(self.new) / count, config.new_image_share)
            self.num_new = round(share * self.num_batches * self.batch_size)

    def draw(self, epoch: int) -> list[Rows]:
        """Return the rows of every batch of one epoch."""
        random = np.random.default_rng((self.seed, epoch))
        total = self.num_batches * self.batch_size
        rows = np.concatenate(
            [
                self._draw_from(self.new, self.num_new, random),
                self._draw_from(self.old, total - self.num_new, random),
            ]
        )
        return np.split(random.permutation(rows), self.num_batches)

    def _draw_from(self, rows: Rows, count: int, random: np.random.Generator) -> Rows:
        """Draw ``count`` rows, each as often as its weight asks, to within one."""
        if count == 0:
            return np.array([], dtype=np.int64)
        shuffled = random.permutation(rows)
        shares = np.cumsum(self.weights[shuffled] / self.weights[shuffled].sum()) * count
        # Systematic sampling: a row is drawn once for every mark that its share covers.
        marks = np.arange(count) + random.random()
        chosen = np.searchsorted(shares, marks, side="right")
        drawn: Rows = shuffled[np.minimum(chosen, len(shuffled) - 1)]
        return drawn


def balance_weights(class_sets: Sequence[Sequence[int]], strength: float) -> NDArray[np.float64]:
    """Return how often to draw each image, relative to the others.

    An image counts as its rarest class (repeat factor sampling, Gupta et al. 2019, "LVIS").

    Args:
        class_sets: the classes that each of N images shows.
        strength: 0 for all alike, 1 to give every class the share of the most frequent one.
    """
    counts: dict[int, int] = {}
    for classes in class_sets:
        for item in set(classes):
            counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=1)
    rarest = [min((counts[item] for item in classes), default=most) for classes in class_sets]
    return np.array([(most / count) ** strength for count in rarest])
