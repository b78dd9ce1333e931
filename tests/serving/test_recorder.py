"""The prediction log: complete, measured like every image, and safe against kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.serving.conftest import RunningServer, ServerFactory
from tests.serving.models import build_package, make_image
from visionloop.data.hashing import dhash
from visionloop.data.imaging import decode_image
from visionloop.data.statistics import measure_image
from visionloop.kernel.digests import sha256_bytes
from visionloop.serving.configuration import LogSettings
from visionloop.serving.inference import load_runtime
from visionloop.serving.recorder import PendingRecord, PredictionRecorder
from visionloop.serving.spool import SpoolWriter, closed_spool_files, read_records, recover_spool


def read_log(folder: Path, *, suffix: str = "*.jsonl") -> list[dict[str, Any]]:
    return [
        record for path in sorted((folder / "spool").glob(suffix)) for record in read_records(path)
    ]


def test_every_answer_is_logged_with_its_measures(server: RunningServer) -> None:
    image = make_image("green")
    answer = server.post(image, visionloop_metadata=json.dumps({"camera": "belt 2"})).json()
    server.wait(lambda: len(read_log(server.log_folder())) == 1)
    record = read_log(server.log_folder())[0]
    assert record["request_id"] == answer["request_id"]
    assert record["label"] == "green"
    assert record["score"] == pytest.approx(answer["score"])
    assert record["probabilities"] == pytest.approx(
        list(answer["probabilities"].values()), abs=1e-5
    )
    assert record["image_id"] == sha256_bytes(image)
    assert record["deployment"] == "main"
    assert record["model_digest"] == answer["model"]["digest"]
    assert record["metadata"] == {"camera": "belt 2"}
    assert record["endpoint"] == "colors-prod"
    pixels = decode_image(image)
    assert record["dhash"] == dhash(pixels)
    assert record["statistics"] == pytest.approx(measure_image(pixels).tolist(), rel=1e-4)
    assert (record["width"], record["height"]) == (64, 48)
    assert len(record["embedding"]) == 3
    assert record["image_stored"] is True
    assert (server.log_folder() / "images" / record["image_id"]).read_bytes() == image
    assert min(record["decode_ms"], record["inference_ms"], record["total_ms"]) > 0


def test_load_tests_of_the_control_plane_are_not_logged(start_server: ServerFactory) -> None:
    server = start_server(control_key=sha256_bytes(b"control"))
    for key in ("Bearer control", ""):
        headers = {"authorization": key} if key else {}
        server.post(make_image(), visionloop_source="load-test", **headers)
    server.wait(lambda: server.status()["written_records"] == 1)
    assert read_log(server.log_folder(), suffix="*")[0]["metadata"] == {"source": "load-test"}


def test_images_of_tensors_are_kept_as_files(server: RunningServer) -> None:
    pixels = decode_image(make_image("blue", size=(20, 10)))
    tensor = {
        "name": "i",
        "datatype": "UINT8",
        "shape": [1, *pixels.shape],
        "data": pixels.tolist(),
    }
    tensor["data"] = [pixels.tolist()]
    server.client.post("/v2/models/colors/infer", json={"id": "t-1", "inputs": [tensor]})
    server.wait(lambda: len(read_log(server.log_folder())) == 1)
    record = read_log(server.log_folder())[0]
    stored = (server.log_folder() / "images" / record["image_id"]).read_bytes()
    assert record["request_id"] == "t-1"
    assert np.array_equal(decode_image(stored), pixels)


@pytest.mark.parametrize("rate", [0.0, 0.4])
def test_images_are_sampled(start_server: ServerFactory, tmp_path: Path, rate: float) -> None:
    server = start_server(log={"dir": str(tmp_path / "log"), "sample_rate": rate})
    for size in range(20, 80):
        server.post(make_image(size=(size, 20)))
    server.wait(lambda: server.status()["written_records"] == 60)
    kept = len(list((tmp_path / "log" / "images").iterdir()))
    assert kept == 0 if rate == 0.0 else 8 <= kept <= 40


def test_a_budget_limits_the_images(start_server: ServerFactory, tmp_path: Path) -> None:
    size = len(make_image(size=(64, 48)))
    server = start_server(log={"dir": str(tmp_path / "log"), "max_image_bytes": 3 * size})
    for width in range(50, 70):
        server.post(make_image(size=(width, 48)))
    server.wait(lambda: server.status()["written_records"] == 20)
    stored = list((tmp_path / "log" / "images").iterdir())
    assert 0 < sum(path.stat().st_size for path in stored) <= 3 * size
    assert server.status()["dropped_records"] == 0


def test_kill_9_loses_no_written_record(start_server: ServerFactory, tmp_path: Path) -> None:
    log = {"dir": str(tmp_path / "log"), "rotate_age_s": 3600.0}
    server = start_server(log=log)
    sent = [server.post(make_image(size=(size, 20))).json()["request_id"] for size in range(20, 60)]
    server.wait(lambda: server.status()["written_records"] == len(sent))
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
    assert closed_spool_files(tmp_path / "log" / "spool") == []
    assert [r["request_id"] for r in read_log(tmp_path / "log", suffix="*.open")] == sent
    # The next process of the endpoint closes the file for its readers.
    again = start_server(log=log)
    assert [r["request_id"] for r in read_log(tmp_path / "log")] == sent
    assert again.post(make_image()).status_code == 200


def test_kill_9_in_full_flight_leaves_whole_records(
    start_server: ServerFactory, tmp_path: Path
) -> None:
    server = start_server(log={"dir": str(tmp_path / "log"), "rotate_bytes": 20_000})
    for size in range(20, 80):
        server.post(make_image(size=(size, 20)))
    server.process.kill()
    server.process.wait()
    recover_spool(tmp_path / "log" / "spool")
    records = read_log(tmp_path / "log")
    assert len(records) > 20
    assert len({record["request_id"] for record in records}) == len(records)
    assert all(len(record["statistics"]) == 14 for record in records)


def test_a_signal_writes_what_waits(start_server: ServerFactory, tmp_path: Path) -> None:
    server = start_server(log={"dir": str(tmp_path / "log"), "rotate_age_s": 3600.0})
    for size in range(20, 50):
        server.post(make_image(size=(size, 20)))
    server.process.terminate()
    assert server.process.wait(timeout=15) == 0
    assert len(read_log(tmp_path / "log")) == 30


def test_a_half_written_line_is_left_out(tmp_path: Path) -> None:
    left = tmp_path / "01-1-1.jsonl.open"
    left.write_bytes(b'{"a":1}\n{"a":2}\n{"a":')
    (tmp_path / "01-1-2.jsonl.open").write_bytes(b'{"a"')
    assert list(read_records(left)) == [{"a": 1}, {"a": 2}]
    writer = SpoolWriter(tmp_path, rotate_bytes=10, rotate_age_s=60)
    assert [path.name for path in closed_spool_files(tmp_path)] == ["01-1-1.jsonl"]
    writer.append([b'{"a":3}\n', b'{"a":4}\n'])
    writer.rotate_if_due()
    writer.append([b'{"a":5}\n'])
    writer.rotate_if_due()
    values = [[r["a"] for r in read_records(path)] for path in closed_spool_files(tmp_path)]
    assert values == [[1, 2], [3, 4]]
    writer.rotate()
    assert len(closed_spool_files(tmp_path)) == 3


@pytest.fixture
def prediction(tmp_path: Path) -> Any:
    packages = tmp_path / "packages"
    return load_runtime(packages / build_package(packages)).classify(make_image())


def pending(prediction: Any, source: Any, number: int = 0) -> PendingRecord:
    measured_from_source = replace(prediction, pixels=None)
    return PendingRecord(f"r{number}", "e", "d", "0" * 64, source, measured_from_source, 1.0)


def test_drops_are_counted(tmp_path: Path, prediction: Any) -> None:
    settings = LogSettings(dir=str(tmp_path / "log"), queue_size=5)
    recorder = PredictionRecorder(settings)
    image = make_image(size=(3000, 2000))
    taken = [recorder.offer(pending(prediction, image, number)) for number in range(30)]
    recorder.close()
    assert taken.count(False) == recorder.num_dropped > 0
    assert taken.count(True) == recorder.num_written == len(read_log(tmp_path / "log"))
    assert recorder.offer(pending(prediction, image)) is False


def test_waiting_pictures_are_let_go(tmp_path: Path, prediction: Any) -> None:
    pixels = np.zeros((3000, 2000, 3), dtype=np.uint8)
    recorder = PredictionRecorder(LogSettings(dir=str(tmp_path / "log")))
    for number in range(20):
        big = replace(prediction, pixels=pixels)
        record = PendingRecord(f"r{number}", "e", "d", "0" * 64, make_image(), big, 1.0)
        assert recorder.offer(record)
    recorder.close()
    widths = {record["width"] for record in read_log(tmp_path / "log")}
    assert recorder.num_written == 20
    assert 64 in widths  # decoded again, because too many whole pictures would have waited


def test_a_strange_record_is_counted_and_reported(tmp_path: Path, prediction: Any) -> None:
    reasons: list[str] = []
    recorder = PredictionRecorder(LogSettings(dir=str(tmp_path / "log")), on_error=reasons.append)
    recorder.offer(pending(prediction, b"no image"))
    recorder.offer(pending(prediction, make_image()))
    recorder.close()
    assert (recorder.num_dropped, recorder.num_written) == (1, 1)
    assert "NotAnImage" in reasons[0]


def test_a_full_disk_is_counted_and_reported(start_server: ServerFactory, tmp_path: Path) -> None:
    server = start_server(log={"dir": str(tmp_path / "log"), "rotate_age_s": 0.05})
    server.post(make_image())
    server.wait(lambda: server.status()["written_records"] == 1)
    spool = tmp_path / "log" / "spool"
    server.wait(lambda: not list(spool.glob("*.open")))
    spool.rename(tmp_path / "log" / "moved")
    assert server.post(make_image()).status_code == 200
    server.wait(lambda: server.status()["dropped_records"] == 1)
    assert "cannot be written" in server.status()["last_error"]
    (tmp_path / "log" / "moved").rename(spool)
    assert server.post(make_image()).status_code == 200
    server.wait(lambda: server.status()["written_records"] == 2)


def test_a_changed_sample_rate_takes_effect(server: RunningServer) -> None:
    server.rewrite(log=server.content["log"] | {"sample_rate": 0.0})
    server.post(make_image())
    server.wait(lambda: len(read_log(server.log_folder())) == 1)
    assert read_log(server.log_folder())[0]["image_stored"] is False
    assert list((server.log_folder() / "images").iterdir()) == []


def test_two_servers_never_share_a_folder(server: RunningServer) -> None:
    path = str(server.folder / "endpoint.json")
    second = subprocess.run(
        [sys.executable, "-m", "visionloop.serving.server", "--endpoint-file", path],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 3
    assert "another process" in second.stderr
    assert server.post(make_image()).status_code == 200
