from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient

from tests.live import run_command, serving
from tests.registry.conftest import MakeFolder
from visionloop.admin.entities import SYSTEM
from visionloop.bootstrap import Application
from visionloop.client.http import Client
from visionloop.data.entities import DatasetVersion
from visionloop.data.freezing import FreezeRequest, freeze_version
from visionloop.data.ingest import IngestRequest, ingest_folder
from visionloop.data.rendered.sets import GROUP_BY, write_classification_set
from visionloop.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from visionloop.training import experiments
from visionloop.training.entities import Run, RunStatus

ROOT = "/projects/parts/models"
ApiAs = Callable[..., Client]
MakeRun = Callable[..., Run]


@pytest.fixture
def dataset(application: Application, tmp_path: Path) -> DatasetVersion:
    """A frozen version of rendered photos."""
    write_classification_set(
        tmp_path / "photos", camera="line-A", num_images=96, seed=3, image_size=32
    )
    request = IngestRequest(
        folder=str(tmp_path / "photos"), format="class_folders", group_by=GROUP_BY
    )
    ingest_folder(application.database, application.blobs, SYSTEM, "parts", request)
    return freeze_version(
        application.database, application.blobs, SYSTEM, "parts", FreezeRequest(name="line-a")
    )


@pytest.fixture
def make_run(application: Application, dataset: DatasetVersion) -> MakeRun:
    """A finished run on that version, as a training job leaves it."""

    def make(folder: Path, *, warm_start: str | None = None) -> Run:
        draft = experiments.RunDraft(
            experiment="default",
            recipe="classification",
            dataset_version_id=dataset.id,
            dataset_version=dataset.reference,
            warm_start_run_id=warm_start,
        )
        where = (application.database, SYSTEM, "parts")
        run = experiments.create_run(*where, draft=draft)
        experiments.begin_run(*where, run.id, job_id="job_1")
        return experiments.end_run(
            *where, run.id, status=RunStatus.FINISHED, package_dir=str(folder)
        )

    return make


def test_a_run_becomes_a_model_over_rest(
    api_as: ApiAs, make_run: MakeRun, make_folder: MakeFolder, dataset: DatasetVersion
) -> None:
    dora = api_as("data_scientist", name="dora")
    run = make_run(make_folder())
    made = dora.post(f"{ROOT}/parts-classifier/versions", json={"run_id": run.id, "notes": "1st"})
    assert (made["reference"], made["run_id"], made["notes"]) == (
        "parts-classifier:1", run.id, "1st",
    )  # fmt: skip
    assert made["dataset"]["digest"] == dataset.digest
    again = dora.post(f"{ROOT}/parts-classifier/versions", json={"run_id": run.id})
    assert again["id"] == made["id"]
    detail = dora.get(f"{ROOT}/parts-classifier/versions/latest")
    assert detail["model_card"].startswith("# parts-classifier")
    assert f"line-a:{dataset.version}" in detail["model_card"]
    assert detail["files"]["model.onnx"]
    assert dora.get(ROOT)["items"][0]["latest_version"] == 1
    assert dora.get("/projects/parts/model-versions")["total"] == 1
    verified = dora.post(f"{ROOT}/parts-classifier/versions/1/verify")
    assert (verified["intact"], verified["problems"]) == (True, [])
    assert verified["key_id"] == dora.get("/registry/public-key")["key_id"]


def test_lineage_reaches_from_data_to_version_through_warm_starts(
    api_as: ApiAs, make_run: MakeRun, make_folder: MakeFolder, dataset: DatasetVersion
) -> None:
    admin = api_as(name="root", is_admin=True)
    first = make_run(make_folder())
    second = make_run(make_folder(gain=0.2), warm_start=first.id)
    admin.post(f"{ROOT}/parts-classifier/versions", json={"run_id": second.id})
    found = admin.get(f"{ROOT}/parts-classifier/versions/1/lineage")
    assert [node["kind"] for node in found["nodes"]] == [
        "model_version", "run", "dataset_version", "run",
    ]  # fmt: skip
    edges = {(edge["source"], edge["target"]) for edge in found["edges"]}
    assert edges == {
        (f"run/{second.id}", "model_version/parts-classifier:1"),
        (f"run/{first.id}", f"run/{second.id}"),
        (f"dataset_version/{dataset.id}", f"run/{first.id}"),
        (f"dataset_version/{dataset.id}", f"run/{second.id}"),
    }


def test_an_mlflow_client_finds_and_loads_a_signed_package(
    api_as: ApiAs, test_client: TestClient, make_run: MakeRun, make_folder: MakeFolder
) -> None:
    dora = api_as("data_scientist", name="dora")
    run = make_run(make_folder())
    made = dora.post(f"{ROOT}/parts-classifier/versions", json={"run_id": run.id})
    dora.put(f"{ROOT}/parts-classifier/aliases/challenger", json={"version": 1})
    wire = "/mlflow/parts/api/2.0/mlflow"
    named = {"name": "parts-classifier", "alias": "challenger"}
    version = test_client.get(f"{wire}/registered-models/alias", params=named, headers=_as(dora))
    found = version.json()["model_version"]
    assert (found["version"], found["run_id"]) == ("1", run.id)
    assert {"key": "visionloop.signed", "value": "true"} in found["tags"]
    source = found["source"].removeprefix("mlflow-artifacts:/")
    files = f"{wire}-artifacts/artifacts"
    listed = test_client.get(files, params={"path": source}, headers=_as(dora)).json()["files"]
    sizes = {item["path"]: item.get("file_size") for item in listed}
    assert sizes["MLmodel"] > 0
    graph = test_client.get(f"{files}/{source}/model.onnx", headers=_as(dora))
    assert len(graph.content) == sizes["model.onnx"]
    described = yaml.safe_load(test_client.get(f"{files}/{source}/MLmodel", headers=_as(dora)).text)
    assert described["flavors"]["onnx"]["data"] == "model.onnx"
    assert described["metadata"]["digest"] == made["digest"]
    sent = test_client.put(f"{files}/{source}/model.onnx", content=b"x", headers=_as(dora))
    assert sent.status_code == 400
    key = {"name": "parts-classifier", "version": "1"}
    gone = test_client.request(
        "DELETE", f"{wire}/model-versions/delete", json=key, headers=_as(dora)
    )
    assert "stay" in gone.json()["message"]


def _as(client: Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.token}"}


def test_a_package_is_downloaded_whole(
    api_as: ApiAs, make_run: MakeRun, make_folder: MakeFolder
) -> None:
    admin = api_as(name="root", is_admin=True)
    run = make_run(make_folder())
    admin.post(f"{ROOT}/parts-classifier/versions", json={"run_id": run.id})
    data = admin.get(f"{ROOT}/parts-classifier/versions/1/package")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("package.json"))
        assert set(archive.namelist()) == {*manifest["files"], "package.json", "signature.json"}


def test_aliases_over_rest(api_as: ApiAs, make_run: MakeRun, make_folder: MakeFolder) -> None:
    dora, root = api_as("data_scientist", name="dora"), api_as(name="root", is_admin=True)
    for gain in (0.1, 0.2):
        run = make_run(make_folder(gain=gain))
        dora.post(f"{ROOT}/parts-classifier/versions", json={"run_id": run.id})
    path = f"{ROOT}/parts-classifier/aliases"
    assert dora.put(f"{path}/challenger", json={"version": "latest"})["version"] == 2
    with pytest.raises(Forbidden):
        dora.put(f"{path}/champion", json={"version": 1})
    assert root.put(f"{path}/champion", json={"version": 1})["aliases"] == ["champion"]
    compared = dora.get(
        f"{ROOT}/parts-classifier/compare", params={"version": ["champion", "challenger"]}
    )
    assert [version["version"] for version in compared["versions"]] == [1, 2]
    assert compared["changed"]["aliases"] == ["champion", "challenger"]
    dora.delete(f"{path}/challenger")
    assert dora.get(f"{ROOT}/parts-classifier")["aliases"] == {"champion": 1}


def test_problems_say_what_to_do(
    api_as: ApiAs, make_run: MakeRun, make_folder: MakeFolder, application: Application
) -> None:
    admin = api_as(name="root", is_admin=True)
    run = make_run(make_folder(checkpoint_gain=0.3))
    with pytest.raises(Invalid, match="Export the trained checkpoint again") as refused:
        admin.post(f"{ROOT}/parts-classifier/versions", json={"run_id": run.id})
    assert refused.value.details["max_abs_difference"] > refused.value.details["tolerance"]
    with pytest.raises(NotFound):
        admin.post(f"{ROOT}/parts-classifier/versions", json={"run_id": "run_unknown"})
    draft = experiments.RunDraft(experiment="default", recipe="classification")
    waiting = experiments.create_run(application.database, SYSTEM, "parts", draft=draft)
    with pytest.raises(Conflict):
        admin.post(f"{ROOT}/parts-classifier/versions", json={"run_id": waiting.id})
    with pytest.raises(NotFound, match="has no model 'parts-classifier'"):
        admin.get(f"{ROOT}/parts-classifier/versions/1")


def test_the_data_of_a_model_cannot_be_deleted(
    api_as: ApiAs, make_run: MakeRun, make_folder: MakeFolder, dataset: DatasetVersion
) -> None:
    admin = api_as(name="root", is_admin=True)
    run = make_run(make_folder())
    admin.post(f"{ROOT}/parts-classifier/versions", json={"run_id": run.id})
    with pytest.raises(Conflict, match="parts-classifier:1"):
        admin.delete(f"/projects/parts/dataset-versions/{dataset.id}")


@pytest.mark.slow
def test_commands_print_what_the_api_says(
    application: Application,
    api_as: ApiAs,
    make_run: MakeRun,
    make_folder: MakeFolder,
    tmp_path: Path,
) -> None:
    admin = api_as(name="root", is_admin=True)
    run = make_run(make_folder())
    with serving(application) as url:

        def call(*arguments: str) -> str:
            return run_command(url, str(admin.token), "models", *arguments, "-p", "parts")

        assert "parts-classifier:1" in call("register", "parts-classifier", run.id)
        assert "champion" in call("alias", "parts-classifier", "champion", "1")
        assert "intact" in call("verify", "parts-classifier", "champion")
        assert json.loads(call("list", "--json"))[0]["aliases"] == {"champion": 1}
        assert "## Limits" in call("show", "parts-classifier", "--card")
        assert "dataset_version" in call("lineage", "parts-classifier")
        target = tmp_path / "package.zip"
        call("download", "parts-classifier", "--to", str(target))
    assert zipfile.is_zipfile(target)
