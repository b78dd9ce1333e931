from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.labeling.conftest import add_photos
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.kernel.errors import Conflict, Forbidden

ROOT = "/projects/parts/labeling"


def test_consensus_gold_and_quality_over_rest(
    application: Application, api_as: Callable[..., Client]
) -> None:
    images = add_photos(application.database, application.blobs, 2)
    admin, rita = api_as("admin", name="anna"), api_as("reviewer", name="rita")
    lena, lars = api_as("labeler", name="lena"), api_as("labeler", name="lars")
    admin.put(f"{ROOT}/projects/twice", json={"num_annotators": 2})
    admin.post(f"{ROOT}/tasks", json={"image_ids": images[:1], "queue": "twice"})
    for who, category in ((lena, "nut"), (lars, "bolt")):
        task = who.post(f"{ROOT}/tasks/next", json={"queue": "twice"})["detail"]["task"]
        assert task["is_blind"]
        labels = [{"category": category, "kind": "class"}]
        path = f"{ROOT}/tasks/{task['id']}"
        who.put(f"{path}/labels", json={"annotations": labels, "expected_revision": 0})
        who.post(f"{path}/submit")
    case = rita.get(f"{ROOT}/consensus", params={"state": "disputed"})["items"][0]
    assert case["agreement"] == 0
    detail = rita.get(f"{ROOT}/consensus/{case['id']}")
    assert detail["answers"]["lars"][0]["category"] == "bolt"
    with pytest.raises(Forbidden):
        lena.get(f"{ROOT}/consensus/{case['id']}")
    decided = rita.post(f"{ROOT}/consensus/{case['id']}/resolve", json={"choice": "lars"})
    assert decided["state"] == "resolved"
    with pytest.raises(Conflict):
        rita.post(f"{ROOT}/gold", json={"image_ids": images})
    assert rita.post(f"{ROOT}/gold", json={"image_ids": images[:1]})["total"] == 1
    assert rita.get(f"{ROOT}/gold")["items"][0]["annotations"][0]["category"] == "bolt"
    assert rita.post(f"{ROOT}/gold/remove", json={"image_ids": images}) == {"num_images": 1}
    quality = rita.get(f"{ROOT}/quality", params={"queue": "twice"})
    assert [(a["name"], a["consensus"]) for a in quality["annotators"]] == [
        ("lars", 1.0),
        ("lena", 0.0),
    ]
