"""Where a model came from and where it went: data, run, evaluation, version, deployments."""

from __future__ import annotations

from collections.abc import Mapping

from visionloop.admin.entities import Actor
from visionloop.data import versions as dataset_versions
from visionloop.data.entities import DatasetVersion
from visionloop.data.errors import VersionNotFound
from visionloop.evaluation.evaluations import list_evaluations
from visionloop.registry.entities import Lineage, LineageEdge, LineageNode, ModelVersion
from visionloop.registry.ports import DeploymentFinder
from visionloop.registry.versions import get_version
from visionloop.storage.database import Database
from visionloop.training import experiments
from visionloop.training.entities import Run
from visionloop.training.errors import RunNotFound

_MAX_ANCESTORS = 10


def trace_lineage(
    database: Database,
    actor: Actor,
    project: str,
    *,
    model: str,
    version: int | str,
    find_deployments: DeploymentFinder,
) -> Lineage:
    """Return the chain behind a version, warm starts included, and what serves it.

    Raises:
        ModelNotFound, ModelVersionNotFound: There is no such version.
    """
    subject = get_version(database, actor, project, model=model, version=version)
    chain = _Chain()
    own = chain.add(_version_node(subject))
    run_id = subject.run_id
    if run_id is None and subject.dataset is not None:
        _add_dataset(chain, database, actor, (project, subject.dataset.id, own))
    _add_runs(chain, database, actor, (project, run_id, own))
    if run_id is not None:
        for evaluation in list_evaluations(database, actor, project, run_id=run_id)[0]:
            node = LineageNode(
                kind="evaluation",
                id=evaluation.id,
                name=f"{evaluation.split}, {evaluation.num_images} images",
                created_by=evaluation.created_by,
                created_at=evaluation.created_at,
                facts=_metric_facts(evaluation.metrics),
            )
            chain.join(f"run/{run_id}", chain.add(node))
            if evaluation.id == subject.evaluation_id:
                chain.join(f"evaluation/{evaluation.id}", own)
    for deployment in find_deployments(subject.digest):
        chain.join(own, chain.add(deployment))
    return Lineage(nodes=tuple(chain.nodes.values()), edges=tuple(chain.edges))


class _Chain:
    """Nodes by "kind/id" and the edges between them, each once."""

    def __init__(self) -> None:
        self.nodes: dict[str, LineageNode] = {}
        self.edges: list[LineageEdge] = []

    def add(self, node: LineageNode) -> str:
        key = f"{node.kind}/{node.id}"
        self.nodes.setdefault(key, node)
        return key

    def join(self, source: str, target: str) -> None:
        edge = LineageEdge(source, target)
        if edge not in self.edges:
            self.edges.append(edge)


def _add_runs(
    chain: _Chain, database: Database, actor: Actor, start: tuple[str, str | None, str]
) -> None:
    """Walk from a run through its warm starts; what has been deleted ends the walk."""
    project, run_id, target = start
    for _ in range(_MAX_ANCESTORS):
        if run_id is None:
            return
        try:
            run = experiments.get_run(database, actor, project, run_id)
        except RunNotFound:
            return
        key = chain.add(_run_node(run))
        chain.join(key, target)
        if run.dataset_version_id is not None:
            _add_dataset(chain, database, actor, (project, run.dataset_version_id, key))
        run_id, target = run.warm_start_run_id, key


def _add_dataset(
    chain: _Chain, database: Database, actor: Actor, start: tuple[str, str, str]
) -> None:
    project, version_id, target = start
    try:
        version = dataset_versions.get_version(database, actor, project, version_id)
    except VersionNotFound:
        return
    chain.join(chain.add(_dataset_node(version)), target)


def _version_node(version: ModelVersion) -> LineageNode:
    facts = {"digest": version.digest[:12], "aliases": ", ".join(version.aliases)}
    return LineageNode(
        kind="model_version",
        id=version.reference,
        name=version.reference,
        created_by=version.created_by,
        created_at=version.created_at,
        facts=facts | _metric_facts(version.metrics),
    )


def _run_node(run: Run) -> LineageNode:
    return LineageNode(
        kind="run",
        id=run.id,
        name=run.name,
        created_by=run.created_by,
        created_at=run.created_at,
        facts={"recipe": run.recipe, "status": run.status.value},
    )


def _dataset_node(version: DatasetVersion) -> LineageNode:
    return LineageNode(
        kind="dataset_version",
        id=version.id,
        name=version.reference,
        created_by=version.created_by,
        created_at=version.created_at,
        facts={"images": str(version.num_images), "digest": version.digest[:12]},
    )


def _metric_facts(metrics: Mapping[str, float]) -> dict[str, str]:
    accuracy = metrics.get("accuracy")
    return {} if accuracy is None else {"accuracy": f"{accuracy:.3f}"}
