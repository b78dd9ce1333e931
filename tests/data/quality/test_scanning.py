from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ActorFactory, make_project
from tests.data.pictures import encoded, picture, write_coco
from tests.data.workbench import Bench
from visionloop.admin.entities import Role
from visionloop.admin.errors import PermissionDenied
from visionloop.admin.events import list_events
from visionloop.data.annotations import get_annotations, save_annotations
from visionloop.data.entities import Annotation, AnnotationDraft, AnnotationSet, ImageQuery
from visionloop.data.images import get_image, list_images
from visionloop.data.quality.actions import act_on_findings, undo_action
from visionloop.data.quality.entities import Finding, FindingQuery, Observation
from visionloop.data.quality.errors import ActionNotFound, ActionNotUndoable, FindingNotFound
from visionloop.data.quality.findings import (
    count_findings,
    get_finding,
    list_actions,
    list_findings,
)
from visionloop.data.quality.scanning import record_observations, scan_project
from visionloop.data.store import annotations as annotation_store
from visionloop.kernel.clock import utc_now
from visionloop.labeling.findings import send_findings
from visionloop.labeling.tasks import list_tasks


def _scan(bench: Bench, project: str = "parts", job_id: str = "job_1", **options: bool) -> Any:
    where = (bench.database, bench.blobs, bench.actor, project)
    return scan_project(*where, job_id=job_id, **options)


def _list(bench: Bench, project: str = "parts", **query: Any) -> list[Finding]:
    found, total = list_findings(
        bench.database, bench.actor, project, FindingQuery(**query), limit=500
    )
    assert total == len(found)
    return found


@pytest.fixture
def boxes(bench: Bench, tmp_path: Path) -> Bench:
    """Four images whose boxes were written past the checks of a save."""
    make_project(bench.database, "boxes", "nut", "bolt", task="detection")
    fine = [{"category": "nut", "bbox": [2, 3, 8, 9]}]
    folder = write_coco(
        tmp_path / "boxes", {f"{n}.jpg": fine for n in range(4)}, categories=("nut", "bolt")
    )
    bench.ingest(folder, "boxes")
    records = list_images(bench.database, bench.actor, "boxes", ImageQuery(sort="name"))[0]
    wrong: Mapping[int, list[tuple[float, float, float, float]]] = {
        0: [(-5, 22, 20, 34), (1, 1, 20, 20), (1, 1, 20, 20)],
        1: [(5, 5, 5, 20)],
    }
    with bench.database.begin() as tx:
        for number, shapes in wrong.items():
            image_id = records[number].image.id
            labels = tuple(
                Annotation(f"ann_{number}_{k}", image_id, "nut", "box", bbox=box, author="x")
                for k, box in enumerate(shapes)
            )
            saved = AnnotationSet("boxes", image_id, 2, "labeled", labels, utc_now(), "x")
            assert annotation_store.replace_annotations(tx, saved, expected_revision=1)
    return bench


def test_a_scan_finds_renews_and_retires(bench: Bench) -> None:
    grey = np.full((40, 40, 3), 120, np.uint8)
    (bench.folder / "nut" / "flat.jpg").write_bytes(encoded(grey))
    again = (picture(0) * 0.9 + 5).astype("uint8")
    (bench.folder / "washer" / "again.jpg").write_bytes(encoded(again))
    (bench.folder / "bolt" / "copy.jpg").write_bytes(
        (bench.folder / "bolt" / "bolt_1.jpg").read_bytes()
    )
    bench.ingest(bench.folder)
    report = _scan(bench)
    assert report["num_images"] == 62
    assert report["num_new"] == sum(report["findings"].values())
    names = {record.image.id: record.image.name for record in
             list_images(bench.database, bench.actor, "parts", limit=500)[0]}  # fmt: skip
    by_kind = {kind: _list(bench, kind=kind) for kind in report["findings"]}
    assert "nut/flat.jpg" in {names[str(f.image_id)] for f in by_kind["blurry"]}
    assert "nut/flat.jpg" in {names[str(f.image_id)] for f in by_kind["low-information"]}
    (near,) = by_kind["near-duplicate"]
    assert {names[str(near.image_id)], names[str(near.peer_id)]} == {
        "washer/again.jpg", "washer/washer_0.jpg",
    }  # fmt: skip
    (copy,) = by_kind["exact-duplicate"]
    assert copy.facts["paths"] == ["photos/bolt/bolt_1.jpg", "photos/bolt/copy.jpg"]
    again_report = _scan(bench, job_id="job_2")
    assert again_report | {"num_new": report["num_new"]} == report
    assert again_report["num_new"] == 0
    act_on_findings(bench.database, bench.actor, "parts", "exclude", [near.id])
    third = _scan(bench, job_id="job_3")
    assert "near-duplicate" not in third["findings"]
    assert get_finding(bench.database, bench.actor, "parts", near.id).status == "excluded"


def test_files_are_read_again_on_request(bench: Bench) -> None:
    (bench.folder / "nut" / "nut_0.jpg").unlink()
    path = bench.folder / "bolt" / "bolt_3.jpg"
    path.write_bytes(path.read_bytes()[:200])
    (bench.folder / "gear" / "gear_3.jpg").write_bytes(encoded(picture(999)))
    assert not {"unreadable", "changed"} & set(_scan(bench)["findings"])
    report = _scan(bench, job_id="job_2", with_files=True)
    assert (report["findings"]["unreadable"], report["findings"]["changed"]) == (2, 1)
    messages = {finding.message for finding in _list(bench, severity="error")}
    assert "the file is gone" in messages
    assert any(message.startswith("the file is damaged") for message in messages)


def test_labels_are_fixed_and_put_back(boxes: Bench) -> None:
    report = _scan(boxes, "boxes")
    wanted = {"box-outside": 1, "box-duplicate": 1, "box-empty": 1, "class-empty": 1}
    assert {kind: report["findings"].get(kind) for kind in wanted} == wanted
    where = (boxes.database, boxes.actor, "boxes")
    ids = [f.id for kind in wanted for f in _list(boxes, "boxes", kind=kind)]
    image_id = str(_list(boxes, "boxes", kind="box-outside")[0].image_id)
    before = get_annotations(*where, image_id)
    action = act_on_findings(*where, "fix", ids)
    assert [item["reason"] for item in action.skipped] == [
        "class-empty has no automatic fix; send it to labeling"
    ]
    after = get_annotations(*where, image_id)
    assert after.revision == before.revision + 1
    assert [item.bbox for item in after.annotations] == [(0, 22, 20, 34), (1, 1, 20, 20)]
    repeated = act_on_findings(*where, "fix", ids)
    assert repeated.changes == ()
    assert {item["reason"] for item in repeated.skipped} > {"it is fixed"}
    assert [item.id for item in list_actions(*where)] == [action.id]
    assert _scan(boxes, "boxes", "job_2")["findings"].keys() == {"class-empty"} | (
        report["findings"].keys() - wanted.keys()
    )
    undone, skipped = undo_action(*where, action.id)
    assert (undone.undone_by, skipped) == (boxes.actor.name, ())
    assert get_annotations(*where, image_id).annotations == before.annotations
    assert len(_list(boxes, "boxes", kind="box-outside")) == 1
    with pytest.raises(ActionNotUndoable, match="undone already"):
        undo_action(*where, action.id)
    with pytest.raises(ActionNotFound):
        undo_action(*where, "qact_nothing")
    events = list_events(*where, type_prefix="visionloop.quality")
    verbs = [event.type.removeprefix("visionloop.quality.") for event in events]
    assert verbs == ["scanned", "acted", "scanned", "undone"]


def test_labels_that_someone_saved_since_are_not_put_back(boxes: Bench) -> None:
    _scan(boxes, "boxes")
    where = (boxes.database, boxes.actor, "boxes")
    (finding,) = _list(boxes, "boxes", kind="box-empty")
    action = act_on_findings(*where, "fix", [finding.id])
    live = get_annotations(*where, str(finding.image_id))
    drafts = [AnnotationDraft("nut", "box", bbox=(1.0, 1.0, 9.0, 9.0))]
    save_annotations(*where, live.image_id, drafts, expected_revision=live.revision)
    _, skipped = undo_action(*where, action.id)
    assert [item["finding_id"] for item in skipped] == [finding.id]
    assert get_finding(*where, finding.id).status == "fixed"


def test_dismissed_stays_dismissed_until_undone(bench: Bench) -> None:
    where = (bench.database, bench.actor, "parts")
    image_id = list_images(*where)[0][0].image.id
    seen = [Observation("label-error", "looks like a nut", image_id=image_id)]
    first = record_observations(*where, seen, kinds=("label-error",), job_id="job_1")
    assert (first["num_new"], first["num_gone"]) == (1, 0)
    (finding,) = _list(bench, kind="label-error")
    action = act_on_findings(*where, "dismiss", [finding.id, "find_nothing"])
    assert action.skipped[0]["reason"] == "there is no such finding"
    record_observations(*where, seen, kinds=("label-error",), job_id="job_2")
    assert _list(bench, kind="label-error") == []
    undo_action(*where, action.id)
    assert len(_list(bench, kind="label-error")) == 1
    gone = record_observations(*where, [], kinds=("label-error",), job_id="job_3")
    assert gone["num_gone"] == 1
    assert ("label-error", "warning", "gone", 1) in count_findings(*where)
    back = record_observations(*where, seen, kinds=("label-error",), job_id="job_4")
    assert back["num_new"] == 0
    assert get_finding(*where, finding.id).status == "open"
    with pytest.raises(FindingNotFound):
        get_finding(*where, "find_nothing")


def test_images_are_excluded_once_and_come_back(bench: Bench) -> None:
    where = (bench.database, bench.actor, "parts")
    image_id = list_images(*where)[0][0].image.id
    seen = [Observation(kind, "x", image_id=image_id) for kind in ("dark", "blurry")]
    record_observations(*where, seen, kinds=("dark", "blurry"), job_id="job_1")
    ids = [finding.id for finding in _list(bench)]
    action = act_on_findings(*where, "exclude", ids)
    assert get_image(*where, image_id).status == "excluded"
    undo_action(*where, action.id)
    assert get_image(*where, image_id).status == "active"
    assert len(_list(bench)) == 2


def test_findings_go_to_labeling_as_tasks(bench: Bench) -> None:
    where = (bench.database, bench.actor, "parts")
    image_id = list_images(*where)[0][0].image.id
    seen = [
        Observation("label-error", "looks like a nut", image_id=image_id),
        Observation("class-rare", "few", category="nut"),
    ]
    record_observations(*where, seen, kinds=("label-error", "class-rare"), job_id="job_1")
    ids = [finding.id for finding in _list(bench)]
    action = send_findings(*where, ids)
    assert [item["reason"] for item in action.skipped] == ["it is about no single image"]
    tasks, total = list_tasks(*where)
    assert (total, tasks[0].image_id, tasks[0].queue) == (1, image_id, "quality")
    assert action.changes[0]["task_id"] == tasks[0].id
    assert _list(bench, status="sent")[0].image_id == image_id
    assert send_findings(*where, ids[:1]).changes == ()
    with pytest.raises(ActionNotUndoable, match="people"):
        undo_action(*where, action.id)


def test_only_those_who_manage_data_act(bench: Bench, make_actor: ActorFactory) -> None:
    viewer = make_actor(Role.VIEWER)
    with pytest.raises(PermissionDenied):
        act_on_findings(bench.database, viewer, "parts", "dismiss", ["find_1"])
    with pytest.raises(PermissionDenied):
        scan_project(bench.database, bench.blobs, viewer, "parts", job_id="job_1")
    assert list_findings(bench.database, viewer, "parts") == ([], 0)
