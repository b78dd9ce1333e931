from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.pictures import write_class_folders
from visionloop.admin.entities import SYSTEM
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.kernel.errors import Forbidden, NotFound
from visionloop.training import experiments

ROOT = "/projects/parts"


@pytest.fixture
def image(application: Application, api_client: Client, tmp_path: Path) -> dict:
    folder = write_class_folders(tmp_path / "photos", per_class=8)
    request = IngestRequest(folder=str(folder))
    ingest_folder(application.database, application.blobs, SYSTEM, "parts", request)
    images = api_client.get(f"{ROOT}/images", params={"sort": "name"})["items"]
    return images[0]


def test_an_image_is_followed_to_versions_runs_tasks_and_deeds(
    application: Application, api_client: Client, image: dict
) -> None:
    lineage = f"{ROOT}/images/{image['id']}/lineage"
    assert not any(api_client.get(lineage).values())
    freeze = {"name": "belt", "allow_empty_classes": True}
    first = api_client.post(f"{ROOT}/dataset-versions", json=freeze)
    draft = experiments.RunDraft(
        experiment="e", recipe="external", name="one", dataset_version_id=first["id"]
    )
    run = experiments.create_run(application.database, SYSTEM, "parts", draft=draft)
    order = {"image_ids": [image["id"]], "queue": "again"}
    api_client.post(f"{ROOT}/labeling/tasks", json=order)
    api_client.post(f"{ROOT}/images/{image['id']}/exclude", json={"reason": "blurred"})
    api_client.post(f"{ROOT}/dataset-versions", json=freeze)

    found = api_client.get(lineage)
    (held,) = found["versions"]  # the second version was frozen without it
    assert (held["reference"], held["label"]) == ("belt:1", image["labels"][0])
    (used,) = found["runs"]
    assert (used["run_id"], used["split"]) == (run.id, held["split"])
    assert [task["queue"] for task in found["tasks"]] == ["again"]
    assert found["events"][0]["data"]["reason"] == "blurred"
    assert (found["models"], found["predictions"]) == ([], [])


def test_strangers_and_unknown_images_are_refused(
    api_as: Callable[..., Client], api_client: Client, image: dict
) -> None:
    with pytest.raises(Forbidden):
        api_as(name="stranger").get(f"{ROOT}/images/{image['id']}/lineage")
    with pytest.raises(NotFound):
        api_client.get(f"{ROOT}/images/{'f' * 64}/lineage")
