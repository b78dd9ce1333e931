"""GrabCut: an outline from a box and clicks, with no trained weights.

After Rother, Kolmogorov and Blake, "GrabCut" (2004): colour mixtures of object and background are
learned in turns with a minimum cut between them. Works on a window around the box, scaled down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow
from sklearn.mixture import GaussianMixture

from visionloop.kernel.geometry import Box
from visionloop.labeling.segmentation.entities import SegmentPrompt
from visionloop.labeling.segmentation.errors import SegmenterUnusable

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MAX_SIDE: Final = 192
ROUNDS: Final = 3
NUM_COLORS: Final = 4
SMOOTHNESS: Final = 50.0
MARGIN: Final = 0.25
CLICK_RADIUS: Final = 3
_SCALE: Final = 32
_CERTAIN: Final = 1_000_000


class GrabCut:
    """Implements :class:`visionloop.labeling.segmentation.ports.Segmenter` without weights."""

    def segment(
        self, image: NDArray[np.uint8], prompt: SegmentPrompt, *, key: str
    ) -> tuple[FloatArray, Box]:
        """Return how sure each cell of a window is the object, and the window.

        Args:
            image: (H, W, 3) uint8 RGB, upright.
            prompt: box, or clicks; without a box a window around the clicks is searched.
            key: names the image; not needed here.

        Returns:
            (h, w) in {0, 1}, and xyxy of the window in pixels of the image.
        """
        box = prompt.box or _box_around(prompt, image.shape)
        window = _widen(box, image.shape)
        pixels, scale = _crop(image, window)
        certain_in, certain_out = _read_prompt(prompt, box, window, scale, pixels.shape[:2])
        mask = cut(pixels, certain_in, certain_out)
        return mask.astype(float), window


def open_grabcut(options: Mapping[str, Any]) -> GrabCut:
    """Return the built-in.

    Raises:
        SegmenterUnusable: Options are given; there are none.
    """
    if options:
        raise SegmenterUnusable("grabcut", f"it takes no options, received {sorted(options)}")
    return GrabCut()


def cut(pixels: FloatArray, certain_in: BoolArray, certain_out: BoolArray) -> BoolArray:
    """Return (h, w) which pixels are the object.

    Args:
        pixels: (h, w, 3) colours, 0 to 255.
        certain_in: (h, w) certainly the object.
        certain_out: (h, w) certainly not.
    """
    if not certain_out.any():
        return ~certain_out
    links = _links(pixels)
    mask = ~certain_out
    for _ in range(ROUNDS):
        costs = _color_costs(pixels, mask)
        costs[certain_in] = (_CERTAIN, 0)
        costs[certain_out] = (0, _CERTAIN)
        updated = _minimum_cut(costs, links)
        if not updated.any() or (updated == mask).all():
            break
        mask = updated
    return mask


def _color_costs(pixels: FloatArray, mask: BoolArray) -> FloatArray:
    """Return (h, w, 2): what it costs to call a pixel background, and to call it object."""
    flat = pixels.reshape(-1, 3)
    costs = []
    for part in (mask.reshape(-1), ~mask.reshape(-1)):
        samples = flat[part]
        if len(samples) <= NUM_COLORS:
            costs.append(np.full(len(flat), 20.0))
            continue
        mixture = GaussianMixture(
            NUM_COLORS, reg_covar=4.0, max_iter=30, random_state=0, init_params="k-means++"
        )
        step = max(1, len(samples) // 4000)
        mixture.fit(samples[::step])
        costs.append(-mixture.score_samples(flat))
    object_cost, ground_cost = costs
    low = np.minimum(object_cost, ground_cost)
    return np.stack([ground_cost - low, object_cost - low], axis=1).reshape(*mask.shape, 2)


def _links(pixels: FloatArray) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
    """Return neighbours and what it costs to part them: little across an edge in the picture."""
    height, width = pixels.shape[:2]
    ids = np.arange(height * width).reshape(height, width)
    pairs = []
    for a, b, distance in (
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1)), 1.0),
        ((slice(1, None), slice(None)), (slice(None, -1), slice(None)), 1.0),
        ((slice(1, None), slice(1, None)), (slice(None, -1), slice(None, -1)), 2**0.5),
        ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None)), 2**0.5),
    ):
        gaps = ((pixels[a] - pixels[b]) ** 2).sum(axis=2).reshape(-1)
        pairs.append((ids[a].reshape(-1), ids[b].reshape(-1), gaps, distance))
    mean = np.concatenate([gaps for _, _, gaps, _ in pairs]).mean()
    beta = 1.0 / (2.0 * mean) if mean > 0 else 0.0
    first = np.concatenate([a for a, _, _, _ in pairs])
    second = np.concatenate([b for _, b, _, _ in pairs])
    costs = np.concatenate([SMOOTHNESS * np.exp(-beta * g) / d for _, _, g, d in pairs])
    return first, second, costs


def _minimum_cut(
    costs: FloatArray, links: tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]
) -> BoolArray:
    height, width = costs.shape[:2]
    count = height * width
    source, sink = count, count + 1
    first, second, between = links
    ids = np.arange(count)
    flat = np.minimum(costs.reshape(-1, 2), _CERTAIN)
    rows = np.concatenate([first, second, np.full(count, source), ids])
    columns = np.concatenate([second, first, ids, np.full(count, sink)])
    capacity = np.concatenate([between, between, flat[:, 0], flat[:, 1]])
    whole = np.round(capacity * _SCALE).astype(np.int32)
    used = whole > 0
    graph = csr_matrix((whole[used], (rows[used], columns[used])), shape=(count + 2, count + 2))
    rest = graph - maximum_flow(graph, source, sink).flow
    rest.data = np.maximum(rest.data, 0)
    rest.eliminate_zeros()
    reached = breadth_first_order(rest, source, return_predecessors=False)
    mask = np.zeros(count + 2, dtype=bool)
    mask[reached] = True
    return np.asarray(mask[:count].reshape(height, width))


def _box_around(prompt: SegmentPrompt, shape: tuple[int, ...]) -> Box:
    points = np.array(prompt.inside)
    reach = 0.2 * max(shape[:2])
    low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
    return _clip((low[0], low[1], high[0], high[1]), shape)


def _widen(box: Box, shape: tuple[int, ...]) -> Box:
    x1, y1, x2, y2 = box
    margin = max(MARGIN * max(x2 - x1, y2 - y1), 4.0)
    x1, y1, x2, y2 = _clip((x1 - margin, y1 - margin, x2 + margin, y2 + margin), shape)
    return (float(int(x1)), float(int(y1)), float(int(x2 + 0.999)), float(int(y2 + 0.999)))


def _clip(box: Box, shape: tuple[int, ...]) -> Box:
    height, width = shape[:2]
    x1, y1, x2, y2 = box
    return (max(0.0, x1), max(0.0, y1), min(float(width), x2), min(float(height), y2))


def _crop(image: NDArray[np.uint8], window: Box) -> tuple[FloatArray, float]:
    x1, y1, x2, y2 = (int(value) for value in window)
    part = Image.fromarray(image[y1:y2, x1:x2])
    scale = min(1.0, MAX_SIDE / max(part.size))
    if scale < 1.0:
        size = (max(2, round(part.width * scale)), max(2, round(part.height * scale)))
        part = part.resize(size, Image.Resampling.BOX)
    return np.asarray(part, dtype=float), scale


def _read_prompt(
    prompt: SegmentPrompt, box: Box, window: Box, scale: float, size: tuple[int, ...]
) -> tuple[BoolArray, BoolArray]:
    ys, xs = np.mgrid[: size[0], : size[1]] + 0.5
    left, top, right, bottom = (
        (value - window[axis % 2]) * scale for axis, value in enumerate(box)
    )
    beside = (xs < left) | (xs > right) | (ys < top) | (ys > bottom)
    clicks = []
    for points in (prompt.inside, prompt.outside):
        near = np.zeros(beside.shape, dtype=bool)
        for x, y in points:
            gap = np.hypot(xs - (x - window[0]) * scale, ys - (y - window[1]) * scale)
            near |= gap <= CLICK_RADIUS
        clicks.append(near)
    return clicks[0], (beside | clicks[1]) & ~clicks[0]
