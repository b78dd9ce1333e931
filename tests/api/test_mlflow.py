"""An unmodified MLflow client against a real server, with Visionloop's roles."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live import serving
from visionloop.bootstrap import Application
from visionloop.client.http import Client

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # before the import: tests talk to loopback only
pytest.importorskip("mlflow", reason="left out: mlflow-skinny is not installed")

from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException, RestException
from mlflow.tracking import MlflowClient

ActAs = Callable[..., MlflowClient]

_SCRIPT = """
import json, sys, mlflow
mlflow.set_experiment("fluent")
with mlflow.start_run(run_name="plain script") as run:
    mlflow.log_params({"lr": 0.1, "depth": 3})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_dict({"a": 1}, "facts/a.json")
    mlflow.set_tag("team", "vision")
found = mlflow.search_runs(
    experiment_names=["fluent"], filter_string="metrics.loss < 0.3", output_format="list"
)
print(json.dumps([run.info.run_id, [item.info.run_id for item in found]]))
"""


@pytest.fixture
def address(application: Application) -> Iterator[str]:
    with serving(application) as url:
        yield url


@pytest.fixture
def act_as(address: str, api_as: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> ActAs:
    """Return an MLflow client whose token belongs to a new user with these roles."""

    def act(*roles: str) -> MlflowClient:
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", str(api_as(*roles).token))
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        uri = f"{address}/mlflow/parts"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        return MlflowClient(tracking_uri=uri, registry_uri=uri)

    return act


def test_a_plain_script_logs_with_nothing_but_its_environment(
    act_as: ActAs, api_as: Callable[..., Client], tmp_path: Path
):
    act_as("data_scientist")
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    run_id = done.stdout.strip().splitlines()[-1].split('"')[1]
    assert done.stdout.count(run_id) >= 2

    seen = api_as("viewer").get(f"/projects/parts/runs/{run_id}")
    assert seen["run"]["status"] == "finished"
    assert seen["run"]["name"] == "plain script"
    assert seen["run"]["parameters"] == {"lr": "0.1", "depth": "3"}
    assert seen["run"]["metrics"] == {"loss": 0.2}
    assert [point["step"] for point in seen["history"]["loss"]] == [0, 1, 2, 3, 4]
    assert [item["path"] for item in seen["artifacts"]] == ["facts/a.json"]


def test_metrics_keep_their_history_and_the_value_at_the_highest_step(act_as: ActAs):
    client = act_as("data_scientist")
    experiment = client.create_experiment("history", tags={"goal": "parity"})
    run_id = client.create_run(experiment).info.run_id
    for step, value in ((0, 1.0), (2, 3.0), (1, 2.0), (1, 2.5)):
        client.log_metric(run_id, "score", value, step=step, timestamp=1_000 + step)
    client.log_metric(run_id, "score2", math.nan)
    client.log_metric(run_id, "score3", math.inf)
    run = client.get_run(run_id)
    assert run.data.metrics["score"] == 3.0
    assert math.isnan(run.data.metrics["score2"])
    assert run.data.metrics["score3"] > 1e308
    history = client.get_metric_history(run_id, "score")
    assert [(point.step, point.value) for point in history] == [
        (0, 1.0),
        (1, 2.0),
        (1, 2.5),
        (2, 3.0),
    ]
    assert client.get_experiment(experiment).tags["goal"] == "parity"


def test_a_batch_is_kept_whole_or_not_at_all(act_as: ActAs):
    client = act_as("data_scientist")
    run_id = client.create_run("0").info.run_id
    client.log_batch(
        run_id,
        metrics=[Metric("f1", 0.5, 1_000, 1)],
        params=[Param("lr", "0.1")],
        tags=[RunTag("stage", "first")],
    )
    with pytest.raises(MlflowException, match="was logged as"):
        client.log_batch(run_id, metrics=[Metric("f1", 0.9, 2_000, 2)], params=[Param("lr", "0.2")])
    run = client.get_run(run_id)
    assert (run.data.metrics, run.data.params["lr"]) == ({"f1": 0.5}, "0.1")
    assert run.data.tags["stage"] == "first"
    assert client.get_experiment("0").name == "Default"


def test_runs_are_found_by_filter_and_order_page_by_page(act_as: ActAs):
    client = act_as("data_scientist")
    experiment = client.create_experiment("search")
    for number in range(5):
        run_id = client.create_run(experiment, run_name=f"try-{number}").info.run_id
        client.log_metric(run_id, "val/acc", number / 10)
        client.log_param(run_id, "model", "resnet" if number % 2 else "vit")
        client.set_terminated(run_id, "FAILED" if number == 4 else "FINISHED")

    def names(text: str, order: list[str] | None = None) -> list[str]:
        found = client.search_runs([experiment], text, order_by=order)
        return [run.info.run_name for run in found]

    assert names("metrics.`val/acc` >= 0.3") == ["try-4", "try-3"]
    assert names("params.model = 'resnet' and metrics.`val/acc` < 0.3") == ["try-1"]
    assert names("attributes.status = 'FAILED'") == ["try-4"]
    assert names("attributes.run_name LIKE 'try-%'", ["metrics.`val/acc` ASC"])[:2] == [
        "try-0",
        "try-1",
    ]
    first = client.search_runs([experiment], max_results=3)
    rest = client.search_runs([experiment], max_results=3, page_token=first.token)
    assert [len(first), len(rest), rest.token] == [3, 2, None]
    with pytest.raises(RestException, match="Cannot read"):
        client.search_runs([experiment], "accuracy is nice")


def test_what_is_deleted_is_hidden_and_comes_back(act_as: ActAs):
    client = act_as("data_scientist")
    experiment = client.create_experiment("bin")
    run_id = client.create_run(experiment).info.run_id
    client.delete_run(run_id)
    assert client.search_runs([experiment]) == []
    assert len(client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)) == 1
    with pytest.raises(RestException, match="Restore it first"):
        client.log_metric(run_id, "late", 1.0)
    client.restore_run(run_id)
    client.log_metric(run_id, "late", 1.0)

    client.rename_experiment(experiment, "bin-2")
    client.delete_experiment(experiment)
    assert "bin-2" not in [item.name for item in client.search_experiments()]
    client.restore_experiment(experiment)
    found = client.get_experiment_by_name("bin-2")
    assert found is not None
    assert found.experiment_id == experiment


def test_files_come_back_byte_for_byte(act_as: ActAs, tmp_path: Path):
    client = act_as("data_scientist")
    run_id = client.create_run("0").info.run_id
    folder = tmp_path / "out" / "nested"
    folder.mkdir(parents=True)
    (folder / "weights ü.bin").write_bytes(bytes(range(256)) * 5000)
    (tmp_path / "out" / "empty.txt").write_bytes(b"")
    client.log_artifacts(run_id, str(tmp_path / "out"), "model")
    assert [(f.path, f.is_dir) for f in client.list_artifacts(run_id)] == [("model", True)]
    assert sorted(f.path for f in client.list_artifacts(run_id, "model")) == [
        "model/empty.txt",
        "model/nested",
    ]
    loaded = Path(client.download_artifacts(run_id, "model", str(tmp_path)))
    assert (loaded / "nested" / "weights ü.bin").read_bytes() == bytes(range(256)) * 5000
    assert (loaded / "empty.txt").read_bytes() == b""


def test_a_model_is_logged_registered_named_and_loaded(act_as: ActAs, tmp_path: Path):
    client = act_as("data_scientist")
    experiment = client.create_experiment("models")
    run_id = client.create_run(experiment).info.run_id
    client.log_text(run_id, "weights", "net/weights.txt")
    client.create_registered_model("detector", tags={"owner": "vision"})
    with pytest.raises(RestException, match="already has a model"):
        client.create_registered_model("detector")
    source = f"{client.get_run(run_id).info.artifact_uri}/net"
    version = client.create_model_version("detector", source, run_id, tags={"bar": "met"})
    assert version.tags == {"bar": "met", "visionloop.signed": "false"}
    client.set_registered_model_alias("detector", "candidate", version.version)
    named = client.get_model_version_by_alias("detector", "candidate")
    assert (named.version, named.run_id) == ("1", run_id)

    from mlflow.artifacts import download_artifacts

    folder = download_artifacts("models:/detector@candidate", dst_path=str(tmp_path / "got"))
    assert (Path(folder) / "weights.txt").read_text() == "weights"
    found = client.search_model_versions("name = 'detector'")
    assert [item.version for item in found] == ["1"]
    with pytest.raises(RestException, match="no signed package"):
        client.set_registered_model_alias("detector", "challenger", "1")
    client.update_model_version("detector", "1", "first of its kind")
    assert client.get_model_version("detector", "1").description == "first of its kind"
    client.delete_model_version("detector", "1")
    client.delete_registered_model("detector")
    assert client.search_registered_models() == []


def test_logged_models_are_filled_finalised_and_searched(act_as: ActAs):
    client = act_as("data_scientist")
    experiment = client.create_experiment("logged")
    model = client.create_logged_model(experiment, name="net", params={"depth": "3"})
    client.finalize_logged_model(model.model_id, "READY")
    client.set_logged_model_tags(model.model_id, {"best": "yes"})
    found = client.search_logged_models([experiment], "tags.best = 'yes'")
    assert [item.model_id for item in found] == [model.model_id]
    assert found[0].params == {"depth": "3"}
    client.delete_logged_model(model.model_id)
    assert client.search_logged_models([experiment]) == []


def test_roles_are_ours(act_as: ActAs):
    viewer = act_as("viewer")
    assert viewer.search_experiments() == []
    with pytest.raises(RestException, match="train") as refused:
        viewer.create_experiment("not-mine")
    assert refused.value.error_code == "PERMISSION_DENIED"
    stranger = act_as()
    with pytest.raises(RestException) as unknown:
        stranger.search_experiments()
    assert unknown.value.error_code == "PERMISSION_DENIED"
