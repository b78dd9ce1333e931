"""The built-in gates against a real endpoint, real packages and real images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.promotion.factories import (
    freeze_color_images,
    judge_cameras,
    make_colors_project,
    register_colors_model,
)
from visionloop.admin.entities import SYSTEM
from visionloop.promotion.entities import Champion
from visionloop.promotion.errors import EvidenceMissing, InvalidPolicy
from visionloop.promotion.gates import BUILTIN_GATES
from visionloop.promotion.ports import GateContext
from visionloop.registry.entities import ModelVersion
from visionloop.serving import processes
from visionloop.serving.deployments import deploy_model
from visionloop.serving.entities import DeploymentSpec
from visionloop.serving.files import endpoint_folder
from visionloop.serving.health import wait_ready
from visionloop.serving.supervisor import EndpointSupervisor
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database
from visionloop.storage.home import Home

FINE = {"north": (76, 80), "south": (38, 40)}
BAD_SOUTH = {"north": (76, 80), "south": (8, 40)}


@pytest.fixture
def evaluation(
    sqlite_database: Database, home: Home, blobs: BlobStore, tmp_path: Path
) -> Mapping[str, Any]:
    """What the packages of a test say about their evaluation, on frozen images that exist."""
    make_colors_project(sqlite_database, home)
    version_id = freeze_color_images(sqlite_database, blobs, tmp_path / "colors")
    report = judge_cameras(FINE)
    return {"dataset_version_id": version_id, "split": "test", "report": report}


def describe(
    database: Database, home: Home, blobs: BlobStore, version: ModelVersion, **values: Any
) -> GateContext:
    context = GateContext(
        database=database,
        blobs=blobs,
        home=home,
        project="colors",
        model=version.model,
        version=version.version,
        digest=version.digest,
        package_dir=home.packages_dir / version.digest,
        endpoint="colors-staging",
        deployment="candidate",
        champion=None,
        settings={},
    )
    return replace(context, **values)


@pytest.fixture
def context(
    sqlite_database: Database, home: Home, blobs: BlobStore, evaluation: dict[str, Any]
) -> GateContext:
    version = register_colors_model(sqlite_database, home, evaluation=evaluation)
    return describe(sqlite_database, home, blobs, version)


def test_parity_is_measured_again(context: GateContext) -> None:
    result = BUILTIN_GATES["parity"].evaluate(context)
    assert result.passed
    assert result.measured is not None
    assert 0 <= result.measured <= 1e-4
    assert result.details["num_images"] == 4


def test_a_changed_file_breaks_the_signature(context: GateContext) -> None:
    assert BUILTIN_GATES["signature"].evaluate(context).passed
    environment = context.package_dir / "environment.txt"
    environment.chmod(0o644)
    environment.write_text("something else\n")
    result = BUILTIN_GATES["signature"].evaluate(context)
    assert not result.passed
    assert "environment.txt has changed" in result.summary


def test_a_first_version_is_judged_by_itself(context: GateContext) -> None:
    result = BUILTIN_GATES["accuracy"].evaluate(context)
    assert result.passed, result.summary
    assert result.details["num_images"] == 90
    assert result.details["accuracy"] == 1.0
    assert result.evidence["champion_version"] is None


def test_a_worse_version_than_the_champion_is_stopped(
    context: GateContext, sqlite_database: Database, home: Home, blobs: BlobStore
) -> None:
    champion = Champion(context.model, context.version, context.digest)
    evaluation = {"dataset_version_id": "colors", "split": "test"}
    # The same graph with swapped names calls red green and green red.
    swapped = register_colors_model(
        sqlite_database, home, evaluation=evaluation, labels=("green", "red", "blue")
    )
    worse = describe(sqlite_database, home, blobs, swapped, champion=champion)
    result = BUILTIN_GATES["accuracy"].evaluate(worse)
    assert not result.passed
    assert result.details["champion_accuracy"] == 1.0
    assert result.details["difference"] == pytest.approx(-2 / 3)

    same = register_colors_model(sqlite_database, home, evaluation=evaluation, gain=0.2)
    equal = describe(sqlite_database, home, blobs, same, champion=champion)
    assert BUILTIN_GATES["accuracy"].evaluate(equal).passed


def test_a_champion_that_lacks_a_class_gets_it_wrong(
    context: GateContext, sqlite_database: Database, home: Home, blobs: BlobStore
) -> None:
    old = register_colors_model(sqlite_database, home, labels=("red", "green"))
    wider = replace(context, champion=Champion(old.model, old.version, old.digest))
    result = BUILTIN_GATES["accuracy"].evaluate(wider)
    assert result.passed
    assert result.details["champion_accuracy"] == pytest.approx(2 / 3)
    assert result.details["only_candidate_correct"] == 30


def test_the_worst_slice_blocks(
    context: GateContext, sqlite_database: Database, home: Home, blobs: BlobStore
) -> None:
    assert BUILTIN_GATES["worst_slice"].evaluate(context).passed
    evaluation = {"report": judge_cameras(BAD_SOUTH)}
    version = register_colors_model(sqlite_database, home, gain=0.3, evaluation=evaluation)
    result = BUILTIN_GATES["worst_slice"].evaluate(describe(sqlite_database, home, blobs, version))
    assert not result.passed
    assert result.details["slice"] == "camera=south"


def test_without_a_dataset_version_there_is_nothing_to_judge_on(
    context: GateContext, sqlite_database: Database, home: Home, blobs: BlobStore
) -> None:
    version = register_colors_model(sqlite_database, home, gain=0.4)
    bare = describe(sqlite_database, home, blobs, version)
    with pytest.raises(EvidenceMissing, match="names no dataset version"):
        BUILTIN_GATES["accuracy"].evaluate(bare)


@pytest.mark.parametrize("settings", [{"margn": 0.1}, {"margin": "small"}, {"margin": True}])
def test_a_wrong_threshold_is_refused(context: GateContext, settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy, match=r"gates\.accuracy"):
        BUILTIN_GATES["accuracy"].evaluate(replace(context, settings=settings))


@pytest.fixture
def staged(context: GateContext) -> Iterator[GateContext]:
    """The candidate behind a running staging endpoint."""
    supervisor = EndpointSupervisor(context.database, context.home, interval_s=0.1)
    supervisor.start()
    spec = DeploymentSpec(context.deployment, context.digest, model_version="1")
    where = {"project": "colors", "endpoint": context.endpoint}
    deploy_model(context.database, context.home, SYSTEM, **where, spec=spec)
    wait_ready(context.database, context.home, SYSTEM, **where, digest=context.digest)
    yield context
    supervisor.stop()
    for name in ("colors-staging", "colors-prod"):
        processes.stop_process(endpoint_folder(context.home, name))


def test_latency_is_measured_on_the_staging_endpoint(staged: GateContext) -> None:
    settings = {"duration_s": 0.5, "concurrency": 2, "max_p95_ms": 5000}
    result = BUILTIN_GATES["latency"].evaluate(replace(staged, settings=settings))
    assert result.passed, result.summary
    assert result.details["num_errors"] == 0
    assert set(result.details["deployment_counts"]) == {"candidate"}
    slow = BUILTIN_GATES["latency"].evaluate(
        replace(staged, settings={**settings, "max_p95_ms": 0.001})
    )
    assert not slow.passed
