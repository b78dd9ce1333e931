"""The loop itself, step by step, each by the person whose step it is."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from visionloop.client.http import Client
from visionloop.kernel.errors import Forbidden, VisionloopError
from visionloop.promotion.drill import measures
from visionloop.promotion.drill.entities import DrillReport, Figure, Photo, Scenario
from visionloop.promotion.drill.errors import DrillFailed
from visionloop.promotion.drill.team import LABELER, Team, gather_team, user_specs
from visionloop.promotion.drill.traffic import Answer, Traffic

MAX_RELABELED = 100
# The queue is judged by its first batch; the second goes deeper to have enough to learn from.
_FIRST_REVIEW = 40
_SECOND_REVIEW = 45
_BATCH = 25
_PROMOTION_TIMEOUT_S = 300.0
_POLL_S = 0.3
_LOG_SETTLES_S = 1.0

Tell = Callable[[str, str], None]
"""Called with the title of a step and what happens in it now."""


class Drill:
    """Walks one scenario through the loop.

    Args:
        admin: Client of an administrator of a running installation.
        scenario: The photos, already divided.
        work_dir: Where downloaded packages go.
        tell: Told of every step, for a progress display.
    """

    def __init__(self, admin: Client, scenario: Scenario, *, work_dir: Path, tell: Tell) -> None:
        self.scenario = scenario
        self.report = DrillReport(project=scenario.project, shift=scenario.shift)
        self._admin = admin
        self._work_dir = work_dir
        self._tell = tell
        self._path = f"/projects/{scenario.project}"
        self._truth = {
            photo.image_id: photo.label for photo in (*scenario.clean, *scenario.shifted)
        }

    def run(self) -> DrillReport:
        """Walk the whole loop once and return what was measured.

        Raises:
            DrillFailed: The loop stopped; the message says at which step and why.
        """
        started = time.monotonic()
        with self._step("Set up the project, its people, endpoints and monitor"):
            self._set_up()
        team = gather_team(self._admin)
        try:
            self._walk(team)
        finally:
            team.close()
        self.report.add(
            Figure("Whole drill", time.monotonic() - started, unit="s", target="under 600",
                   is_met=time.monotonic() - started < 600)
        )  # fmt: skip
        self.report.finished = True
        return self.report

    def _walk(self, team: Team) -> None:
        with self._step("Ingest and freeze a dataset version"):
            self._ingest(team)
            first_data = self._freeze(team, parent=None)
        with self._step("Train, evaluate and register the first model"):
            first_run = self._train(team, first_data, self.scenario.recipe, None)
            first = self._register(team, first_run)
        with self._step("Promote it through staging gates and a human approval"):
            self._promote(team, first)
        first_package = self._download(team, first)
        endpoint = team.infra.get(f"{self._path}/endpoints/{self.scenario.project}")
        secret = team.infra.post(
            f"{self._path}/endpoints/{endpoint['name']}/keys", json={"name": "drill traffic"}
        )["secret"]
        with Traffic(endpoint["url"], secret) as traffic:
            with self._step("Send clean traffic: photos of the known camera, new subjects"):
                clean = self._send_clean(team, traffic)
            with self._step("Shift the traffic"):
                shifted = self._send_shifted(team, traffic)
        with self._step("Send the images most likely wrong to the labeler, review the labels"):
            self._relabel(team, shifted)
        with self._step("Retrain, register and promote"):
            second_data = self._freeze(team, parent=first_data)
            second_run = self._train(team, second_data, self.scenario.retraining, first_run)
            second = self._register(team, second_run)
            self._promote(team, second)
            self._resolve_alerts(team)
        with self._step("Measure before and after on photos never sent and never labeled"):
            self._measure_gain(clean, first_package, self._download(team, second))

    def _set_up(self) -> None:
        name = self.scenario.project
        spec = {
            "project": name,
            "task": "classification",
            "description": self.scenario.description,
            "labels": list(self.scenario.classes),
            "users": user_specs(),
            "datastores": [
                {"name": f"{name}-photos", "url": str(self.scenario.training_folder.resolve())}
            ],
            "endpoints": [
                {"name": f"{name}-staging", "workspace": "staging"},
                {"name": name, "workspace": "prod"},
            ],
            "settings": {
                "promotion": {
                    "gates": {gate: dict(limits) for gate, limits in self.scenario.gates.items()}
                }
            },
            "monitors": [
                {"name": name, "endpoint": name, "assignee": LABELER, "every_requests": _BATCH}
            ],
        }
        content = yaml.safe_dump(spec, sort_keys=False, allow_unicode=True)
        (self._work_dir / "visionloop.yaml").write_text(content)
        self._admin.post("/spec/apply", json={"content": content})

    def _ingest(self, team: Team) -> None:
        body = {
            "datastore": f"{self.scenario.project}-photos",
            "format": "class_folders",
            "group_by": self.scenario.group_by,
        }
        job = team.scientist.post(f"{self._path}/ingests", json=body)
        done = self._wait_for_job(team.scientist, job["job_id"])
        self.report.evidence["ingest"] = done["outputs"]

    def _freeze(self, team: Team, *, parent: str | None) -> str:
        body: dict[str, Any] = {"name": self.scenario.project, "accepted_only": True}
        if parent is not None:
            # Old images keep their splits, so with these shares the new ones go to training.
            body |= {"parent": parent, "fractions": {"train": 0.8, "val": 0.1, "test": 0.1}}
        version = team.scientist.post(f"{self._path}/dataset-versions", json=body)
        self._say(f"{version['reference']}: {version['num_images']} images, {version['splits']}")
        self.report.evidence.setdefault("dataset_versions", []).append(version["digest"])
        return str(version["id"])

    def _train(self, team: Team, dataset: str, recipe: Any, warm_start: str | None) -> str:
        body = {
            "dataset_version": dataset,
            "experiment": "drill",
            "parameters": dict(recipe),
            "warm_start_run_id": warm_start,
        }
        run = team.scientist.post(f"{self._path}/runs", json=body)
        self._wait_for_job(team.scientist, run["job_id"])
        return str(run["id"])

    def _register(self, team: Team, run_id: str) -> dict[str, Any]:
        version: dict[str, Any] = team.scientist.post(
            f"{self._path}/models/{self.scenario.project}/versions", json={"run_id": run_id}
        )
        self._say(f"version {version['version']}, digest {version['digest'][:12]}, signed")
        self.report.evidence.setdefault("packages", []).append(version["digest"])
        return version

    def _promote(self, team: Team, version: dict[str, Any]) -> None:
        promotion = self._wait_for_promotion(team, version, ("waiting_for_approval",))
        decision = {"digest": version["digest"], "reason": "Gates passed; looked at the report."}
        path = f"{self._path}/promotions/{promotion['id']}"
        try:
            team.scientist.post(f"{path}/approve", json=decision)
        except Forbidden:
            self._say("the requester's own approval was refused, as it must be")
        else:
            raise DrillFailed(self._title, "the requester could approve the own promotion")
        team.approver.post(f"{path}/approve", json=decision)
        self._wait_for_promotion(team, version, ("succeeded",))
        self.report.evidence.setdefault("promotions", []).append(promotion["id"])

    def _wait_for_promotion(
        self, team: Team, version: dict[str, Any], wanted: Sequence[str]
    ) -> dict[str, Any]:
        deadline = time.monotonic() + _PROMOTION_TIMEOUT_S
        while time.monotonic() < deadline:
            listed = team.scientist.get(f"{self._path}/promotions")["items"]
            found = [item for item in listed if item["digest"] == version["digest"]]
            if found:
                self._say(f"promotion: {found[0]['state']}, {found[0]['step']}")
                if found[0]["state"] in wanted:
                    return dict(found[0])
                if found[0]["state"] in ("failed", "rejected", "cancelled"):
                    raise DrillFailed(self._title, "; ".join(found[0]["reasons"]))
            time.sleep(_POLL_S)
        raise DrillFailed(self._title, f"no promotion was {wanted[0]} in time")

    def _send_clean(self, team: Team, traffic: Traffic) -> Figure:
        answers, alert = self._stream(team, traffic, self.scenario.clean)
        self.report.add(
            Figure("Drift alerts on clean traffic", float(alert is not None), unit="alerts",
                   count=len(answers), target="0", is_met=alert is None)
        )  # fmt: skip
        right = [answer.is_right for answer in answers]
        return self.report.add(measures.accuracy("Accuracy on clean traffic", right))

    def _send_shifted(self, team: Team, traffic: Traffic) -> list[Answer]:
        answers, alert = self._stream(team, traffic, self.scenario.shifted)
        self.report.add(
            Figure("Requests from the shift to the alert", float(alert or len(answers)),
                   unit="requests", count=len(answers), target="at most 200",
                   is_met=alert is not None and alert <= 200)
        )  # fmt: skip
        right = [answer.is_right for answer in answers]
        self.report.add(measures.accuracy("Accuracy on shifted traffic", right))
        return answers

    def _stream(
        self, team: Team, traffic: Traffic, photos: Sequence[Photo]
    ) -> tuple[list[Answer], int | None]:
        """Send photos in batches, let the monitor look after each; note the first drift alert."""
        known = {alert["id"] for alert in self._drift_alerts(team)}
        answers: list[Answer] = []
        first_alert: int | None = None
        for start in range(0, len(photos), _BATCH):
            answers += traffic.send(photos[start : start + _BATCH])
            time.sleep(_LOG_SETTLES_S)
            self._admin.post(f"{self._path}/monitors/{self.scenario.project}/run")
            fresh = {alert["id"] for alert in self._drift_alerts(team)} - known
            if fresh and first_alert is None:
                first_alert = len(answers)
            state = "no alert" if first_alert is None else f"alert after {first_alert}"
            self._say(f"{len(answers)} of {len(photos)} photos, {state}")
        return answers, first_alert

    def _drift_alerts(self, team: Team) -> list[dict[str, Any]]:
        alerts = team.infra.get(f"{self._path}/alerts")["items"]
        return [alert for alert in alerts if alert["kind"] == "drift"]

    def _resolve_alerts(self, team: Team) -> None:
        for alert in self._drift_alerts(team):
            if alert["state"] != "resolved":
                team.scientist.post(f"{self._path}/alerts/{alert['id']}/resolve")

    def _relabel(self, team: Team, shifted: Sequence[Answer]) -> None:
        selected = self._review(team, _FIRST_REVIEW)
        ranked = [item for item in selected if not item["is_audit"]]
        hits = sum(self._truth[item["image_id"]] != item["predicted"] for item in ranked)
        num_relabeled = len(selected) + len(self._review(team, _SECOND_REVIEW))
        wrong = sum(not answer.is_right for answer in shifted)
        self.report.add(measures.lift(hits, len(ranked), wrong / max(1, len(shifted))))
        self.report.add(
            Figure(
                "Images relabeled",
                float(num_relabeled),
                unit="images",
                target=f"at most {MAX_RELABELED}",
                is_met=num_relabeled <= MAX_RELABELED,
            )
        )

    def _review(self, team: Team, budget: int) -> list[dict[str, Any]]:
        path = f"{self._path}/monitors/{self.scenario.project}/review"
        batch = self._admin.post(path, json={"budget": budget})
        self.report.evidence.setdefault("review_batches", []).append(batch["id"])
        self._answer_tasks(team)
        return list(batch["selections"])

    def _answer_tasks(self, team: Team) -> None:
        """Label as a person would who sees what is on the photo; the scientist reviews."""
        labeling = f"{self._path}/labeling"
        body = {"queue": "review_queue"}
        while (opened := team.labeler.post(f"{labeling}/tasks/next", json=body))["detail"]:
            detail = opened["detail"]
            task, revision = detail["task"], detail["annotations"]["revision"]
            label = {"category": self._truth[task["image_id"]], "kind": "class"}
            team.labeler.put(
                f"{labeling}/tasks/{task['id']}/labels",
                json={"annotations": [label], "expected_revision": revision},
            )
            team.labeler.post(f"{labeling}/tasks/{task['id']}/submit")
            self._say(f"labeled, {opened['remaining']} left")
        while (opened := team.scientist.post(f"{labeling}/reviews/next", json=body))["detail"]:
            task = opened["detail"]["task"]
            team.scientist.post(f"{labeling}/tasks/{task['id']}/accept", json={})
            self._say(f"reviewed, {opened['remaining']} left")

    def _measure_gain(self, clean: Figure, first: Path, second: Path) -> None:
        unseen = self.scenario.unseen
        before = measures.judge_package(first, unseen)
        after = measures.judge_package(second, unseen)
        self.report.add(measures.accuracy("Accuracy on unseen shifted photos, before", before))
        self.report.add(measures.accuracy("Accuracy on unseen shifted photos, after", after))
        self.report.add(measures.gap_closed(clean, before, after))
        kept = measures.judge_package(second, self.scenario.clean)
        self.report.add(measures.accuracy("Accuracy on clean photos, after", kept))

    def _download(self, team: Team, version: dict[str, Any]) -> Path:
        data = team.scientist.get(
            f"{self._path}/models/{self.scenario.project}/versions/{version['version']}/package"
        )
        folder = self._work_dir / f"package-{version['version']}"
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(folder)
        inner = next(folder.rglob("package.json"))
        return inner.parent

    def _wait_for_job(self, client: Client, job_id: str) -> dict[str, Any]:
        while True:
            job: dict[str, Any] = client.get(f"/jobs/{job_id}")
            self._say(f"{job['progress']:.0%} {job['message']}")
            if job["state"] == "succeeded":
                return job
            if job["state"] in ("failed", "cancelled"):
                raise DrillFailed(self._title, job["message"])
            time.sleep(_POLL_S)

    @contextmanager
    def _step(self, title: str) -> Any:
        self._title = title
        self._tell(title, "")
        started = time.monotonic()
        try:
            yield
        except DrillFailed:
            raise
        except VisionloopError as error:
            raise DrillFailed(title, error.message) from error
        self.report.steps.append({"title": title, "seconds": time.monotonic() - started})

    def _say(self, now: str) -> None:
        self._tell(self._title, now)
