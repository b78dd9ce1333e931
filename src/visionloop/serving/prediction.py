"""Label suggestions from the model that production runs; joined to labeling by bootstrap."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from visionloop.admin.entities import SYSTEM
from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.ports import Prediction
from visionloop.registry.versions import get_version, list_models
from visionloop.serving import store
from visionloop.serving.entities import Deployment
from visionloop.serving.errors import PackageUnusable
from visionloop.serving.inference import ModelRuntime, load_runtime
from visionloop.storage.database import Database
from visionloop.storage.home import Home

CHAMPION = "champion"
_WORKSPACE_ORDER = ("prod", "staging", "dev")
_MAX_LOADED = 2


class PackagePredictor:
    """Implements :class:`visionloop.labeling.ports.Predictor` with deployed model packages.

    The deployment with the largest share of the most productive workspace suggests.

    Args:
        database: Where deployments are described.
        home: Where packages are.
        max_suggestions: Classes to propose, best first.
    """

    def __init__(self, database: Database, home: Home, *, max_suggestions: int = 3) -> None:
        self._database = database
        self._home = home
        self._max_suggestions = max_suggestions
        self._runtimes: OrderedDict[str, ModelRuntime] = OrderedDict()
        self._lock = threading.Lock()

    def predict(
        self, project: str, image_bytes: bytes, *, model: str | None = None
    ) -> Prediction | None:
        """Suggest classes or boxes for one image file; None when the project has no such model.

        Raises:
            NotAnImage: the bytes are no image.
            ModelNotFound, ModelVersionNotFound: the named model is not registered.
        """
        chosen = self._find(project, model)
        if chosen is None:
            return None
        reference, digest = chosen
        try:
            runtime = self._runtime(digest)
        except PackageUnusable:
            return None
        scored = runtime.classify(image_bytes)
        if scored.objects is not None:
            boxes = tuple(
                AnnotationDraft(
                    category=item.label,
                    kind="box",
                    bbox=item.box,
                    score=item.score,
                    source="model",
                    author=reference,
                )
                for item in scored.objects
            )
            return Prediction(reference, digest, boxes)
        shares = [round(float(value), 6) for value in scored.probabilities]
        order = scored.probabilities.argsort()[::-1][: self._max_suggestions]
        drafts = tuple(
            AnnotationDraft(
                category=runtime.labels[index],
                kind="class",
                score=shares[index],
                source="model",
                author=reference,
            )
            for index in order.tolist()
        )
        return Prediction(
            model=reference,
            digest=digest,
            annotations=drafts,
            probabilities=dict(zip(runtime.labels, shares, strict=True)),
            embedding=scored.embedding,
        )

    def _find(self, project: str, model: str | None) -> tuple[str, str] | None:
        """Return reference and digest of the named, the deployed or the champion model."""
        if model is not None:
            name, _, version = model.partition(":")
            wanted = get_version(self._database, SYSTEM, project, name, _number(version))
            return f"{name}:{wanted.version}", wanted.digest
        deployment = self._choose(project)
        if deployment is not None:
            version = str(deployment.model_version or "unregistered")
            return f"{deployment.model_name}:{version}", deployment.model_digest
        for known in list_models(self._database, SYSTEM, project):
            if CHAMPION in known.aliases:
                found = get_version(self._database, SYSTEM, project, known.name, CHAMPION)
                return f"{known.name}:{found.version}", found.digest
        return None

    def _choose(self, project: str) -> Deployment | None:
        with self._database.read() as tx:
            endpoints = store.list_endpoints(tx, project)
        candidates = [
            (_WORKSPACE_ORDER.index(endpoint.workspace), -deployment.weight, deployment)
            for endpoint in endpoints
            for deployment in endpoint.deployments
            if endpoint.workspace in _WORKSPACE_ORDER
        ]
        best = min(candidates, key=lambda candidate: candidate[:2], default=None)
        return best[2] if best else None

    def _runtime(self, digest: str) -> ModelRuntime:
        with self._lock:
            if digest not in self._runtimes:
                folder: Path = self._home.packages_dir / digest
                self._runtimes[digest] = load_runtime(folder)
            self._runtimes.move_to_end(digest)
            while len(self._runtimes) > _MAX_LOADED:
                self._runtimes.popitem(last=False)
            return self._runtimes[digest]


def _number(version: str) -> int | str:
    return int(version) if version.isdigit() else version or "latest"
