"""Against the real server; set VISIONLOOP_LABEL_STUDIO to the program of its own environment.

python -m venv ls && ls/bin/pip install label-studio
VISIONLOOP_LABEL_STUDIO=ls/bin/label-studio python -m pytest tests/labeling/exchange
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.labeling.conftest import add_photos
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.label_studio.regions import region_of
from visionloop.labeling.exchange.label_studio import read_results

TOKEN = "0123456789abcdef0123456789abcdef01234567"
CONFIG = """<View><Image name="image" value="$image"/>
<Choices name="class" toName="image"><Choice value="washer"/><Choice value="bolt"/>
<Choice value="nut"/><Choice value="gear"/></Choices></View>"""
_DEADLINE_S = 240.0


@pytest.fixture(scope="module")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running Label Studio; skips where it is not installed."""
    program = os.environ.get("VISIONLOOP_LABEL_STUDIO")
    if not program or not Path(program).is_file():
        pytest.skip("VISIONLOOP_LABEL_STUDIO names no program")
    folder = tmp_path_factory.mktemp("label-studio")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        program, "start", "--no-browser", "--port", str(port), "--data-dir", str(folder),
        "--username", "a@example.org", "--password", "a-long-password", "--user-token", TOKEN,
        "--enable-legacy-api-token",
    ]  # fmt: skip
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, folder / "log.txt")
            yield url
        finally:
            process.terminate()
            process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _DEADLINE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"Label Studio ended: {log.read_text()[-2000:]}")
        try:
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    pytest.fail("Label Studio does not answer")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_labels_travel_both_ways_with_the_real_server(
    label_studio: str, application: Application, api_as: Callable[..., Client]
) -> None:
    admin = api_as("admin", name="anna")
    images = sorted(add_photos(application.database, application.blobs, 2))
    admin.post("/projects/parts/labeling/tasks", json={"image_ids": images})
    nut = {"annotations": [{"category": "nut", "kind": "class"}], "expected_revision": 0}
    admin.put(f"/projects/parts/images/{images[0]}/annotations", json=nut)
    headers = {"Authorization": f"Token {TOKEN}"}
    with httpx.Client(base_url=label_studio, headers=headers, timeout=60) as there:
        made = there.post("/api/projects", json={"title": "Parts", "label_config": CONFIG})
        number = made.json()["id"]
        body = {
            "exchange": "label-studio", "url": label_studio, "token": TOKEN,
            "remote_project": str(number), "queue": "labeling",
        }  # fmt: skip
        path = "/projects/parts/labeling/exchanges/sync"
        first = admin.post(path, json=body)
        assert (first["num_sent"], first["num_pushed"], first["num_pulled"]) == (2, 1, 0)
        assert admin.post(path, json=body)["num_unchanged"] == 2
        tasks = there.get("/api/tasks", params={"project": number, "fields": "all"}).json()["tasks"]
        (waiting,) = [task for task in tasks if not task["annotations"]]
        gear = {"from_name": "class", "to_name": "image", "type": "choices"}
        result = [{**gear, "id": "r1", "value": {"choices": ["gear"]}}]
        there.post(f"/api/tasks/{waiting['id']}/annotations/", json={"result": result})
    assert admin.post(path, json=body)["num_pulled"] == 1
    labels = admin.get(f"/projects/parts/images/{images[1]}/annotations")
    assert [item["category"] for item in labels["annotations"]] == ["gear"]


def test_regions_are_read_with_the_points_that_belong_to_them() -> None:
    drafts = [
        AnnotationDraft("nut", "box", bbox=(10, 20, 40, 60)),
        AnnotationDraft(
            "bolt", "keypoints", bbox=(0, 0, 50, 50), keypoints=[[5, 5, 2], [45, 45, 1]]
        ),
    ]
    results = [r for i, d in enumerate(drafts) for r in region_of(d, f"r{i}", (100, 100))]
    box, points = read_results(results)
    assert box.bbox == pytest.approx((10, 20, 40, 60))
    assert points.kind == "keypoints"
    assert points.keypoints is not None
    assert len(points.keypoints) == 2
