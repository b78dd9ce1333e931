"""One line of a YOLO label file, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.entities import Label
from visionloop.data.formats.shapes import bounds, corners_of, scaled_line


def row_draft(
    category: str, values: Sequence[float], *, kind: str, keypoints: tuple[int, int] | None
) -> AnnotationDraft | None:
    """Read the numbers after the class, which are shares of width and height.

    Args:
        category: the class.
        values: what stands behind it.
        kind: "detect", "segment", "pose" or "obb".
        keypoints: number of keypoints and of values for each.

    Returns:
        The annotation, None when the numbers make no sense.
    """
    facts: dict[str, Any] = {"category": category, "source": "import"}
    count = len(values)
    if kind == "pose" and keypoints is not None and count == 4 + keypoints[0] * keypoints[1]:
        return _pose(facts, values, keypoints[1])
    if count == 4 or (count == 5 and kind == "detect"):
        score = values[4] if count == 5 else None
        return AnnotationDraft(kind="box", bbox=_corners(values), score=score, **facts)
    if kind == "obb" and count in (8, 9):
        score = values[8] if count == 9 else None
        ring = [list(values[:8])]
        return AnnotationDraft(kind="rotated_box", segmentation=ring, score=score, **facts)
    if count >= 6 and count % 2 == 0 and kind != "pose":
        return AnnotationDraft(kind="polygon", segmentation=[list(values)], **facts)
    return None


def label_rows(
    label: Label, size: tuple[int, int], *, kind: str, num_keypoints: int
) -> list[list[float]]:
    """Return the numbers behind the class for a label; several lines for several parts."""
    x, y = 1.0 / size[0], 1.0 / size[1]
    box = bounds(label)
    if box is None or label.kind == "class":
        return []
    lines = label.segmentation if isinstance(label.segmentation, list) else None
    if kind == "segment" and label.kind != "polyline":
        rings = lines if lines and label.kind != "keypoints" else [corners_of(box)]
        return [scaled_line(ring, x, y) for ring in rings]
    if kind == "obb":
        ring = lines[0] if lines and label.kind == "rotated_box" else corners_of(box)
        return [scaled_line(ring, x, y)]
    x1, y1, x2, y2 = box
    row = [(x1 + x2) / 2 * x, (y1 + y2) / 2 * y, (x2 - x1) * x, (y2 - y1) * y]
    if kind == "pose":
        points = list(label.keypoints or ())
        points += [[0.0, 0.0, 0]] * (num_keypoints - len(points))
        for px, py, visibility in points:
            row += [px * x, py * y, visibility]
    return [row]


def _pose(facts: dict[str, Any], values: Sequence[float], dimensions: int) -> AnnotationDraft:
    box = _corners(values[:4])
    points = []
    for i in range(4, len(values), dimensions):
        x, y = values[i], values[i + 1]
        # Without a third value, a point at the origin is one that is not labeled.
        visible = int(values[i + 2]) if dimensions == 3 else (2 if x or y else 0)
        points.append([x, y, visible])
    if not any(point[2] for point in points):
        return AnnotationDraft(kind="box", bbox=box, **facts)
    return AnnotationDraft(kind="keypoints", bbox=box, keypoints=points, **facts)


def _corners(values: Sequence[float]) -> tuple[float, float, float, float]:
    x, y, width, height = values[:4]
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
