"""Label suggestions from the model that production runs; joined to labeling by bootstrap."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.ports import Prediction
from visionloop.serving import store
from visionloop.serving.entities import Deployment
from visionloop.serving.errors import PackageUnusable
from visionloop.serving.inference import ModelRuntime, load_runtime
from visionloop.storage.database import Database
from visionloop.storage.home import Home

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

    def predict(self, project: str, image_bytes: bytes) -> Prediction | None:
        """Suggest classes or boxes for one image file; None when the project deploys no model.

        Raises:
            NotAnImage: the bytes are no image.
        """
        deployment = self._choose(project)
        if deployment is None:
            return None
        try:
            runtime = self._runtime(deployment.model_digest)
        except PackageUnusable:
            return None
        scored = runtime.classify(image_bytes)
        version = deployment.model_version or "unregistered"
        author = f"{deployment.model_name}:{version}"
        if scored.objects is not None:
            boxes = tuple(
                AnnotationDraft(
                    category=item.label,
                    kind="box",
                    bbox=item.box,
                    score=item.score,
                    source="model",
                    author=author,
                )
                for item in scored.objects
            )
            return Prediction(author, deployment.model_digest, boxes)
        order = scored.probabilities.argsort()[::-1][: self._max_suggestions]
        drafts = tuple(
            AnnotationDraft(
                category=runtime.labels[index],
                kind="class",
                score=round(float(scored.probabilities[index]), 6),
                source="model",
                author=author,
            )
            for index in order.tolist()
        )
        return Prediction(author, deployment.model_digest, drafts)

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
