from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visionloop.admin.errors import ProjectNotFound
from visionloop.kernel import geometry
from visionloop.kernel.digests import canonical_json, sha256_bytes, sha256_file, write_atomically
from visionloop.kernel.ids import new_id

boxes = st.tuples(*[st.floats(-50, 150)] * 4).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


def test_ids_sort_by_time() -> None:
    first = new_id("task")
    time.sleep(0.002)
    second = new_id("task")
    assert first < second
    assert first.startswith("task_")
    assert len({new_id("x") for _ in range(1000)}) == 1000


def test_errors_survive_pickling_with_their_facts() -> None:
    error = pickle.loads(pickle.dumps(ProjectNotFound("parts")))
    assert isinstance(error, ProjectNotFound)
    assert error.details == {"project": "parts"}
    assert "visionloop apply" in error.message


def test_canonical_json_is_one_text_for_equal_values() -> None:
    assert canonical_json({"b": 1, "a": [1.5, "ü"]}) == canonical_json({"a": [1.5, "ü"], "b": 1})
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json({"x": float("nan")})


def test_files_are_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.bin"
    write_atomically(path, b"first")
    write_atomically(path, b"second", mode=0o600)
    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sha256_file(path) == sha256_bytes(b"second")
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@given(boxes, boxes)
def test_iou_is_symmetric_and_bounded(first: geometry.Box, second: geometry.Box) -> None:
    iou = geometry.box_iou(first, second)
    assert 0.0 <= iou <= 1.0 + 1e-9
    assert iou == pytest.approx(geometry.box_iou(second, first))
    if geometry.box_area(first) > 1e-6:
        assert geometry.box_iou(first, first) == pytest.approx(1.0)


@given(boxes)
def test_clipped_boxes_lie_inside(box: geometry.Box) -> None:
    x1, y1, x2, y2 = geometry.clip_box(box, 100, 80)
    assert 0 <= x1 <= x2 <= 100
    assert 0 <= y1 <= y2 <= 80


def test_polygon_area_and_bounds() -> None:
    triangle = [(0.0, 0.0), (4.0, 0.0), (0.0, 3.0)]
    assert geometry.polygon_area(triangle) == 6.0
    assert geometry.polygon_bounds(triangle) == (0.0, 0.0, 4.0, 3.0)
