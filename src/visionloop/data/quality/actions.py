"""Do something about findings in bulk, and take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.admin.events import publish
from visionloop.data.entities import Annotation, AnnotationSet
from visionloop.data.errors import StaleAnnotations
from visionloop.data.quality import rules, store
from visionloop.data.quality.entities import (
    FIXABLE,
    STATUS_AFTER,
    ActionName,
    Finding,
    QualityAction,
)
from visionloop.data.quality.errors import ActionNotFound, ActionNotUndoable
from visionloop.data.store import annotations as annotation_store
from visionloop.data.store import images as image_store
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id
from visionloop.storage.database import Database, Transaction


@dataclass
class Ledger:
    """What an action did and left alone so far."""

    changes: list[Mapping[str, Any]] = field(default_factory=list)
    skipped: list[Mapping[str, str]] = field(default_factory=list)

    def skip(self, finding_id: str, reason: str) -> None:
        """Leave a finding alone."""
        self.skipped.append({"finding_id": finding_id, "reason": reason})

    def change(self, finding_ids: Sequence[str], **facts: Any) -> None:
        """Note what was done about findings, with what undoing it needs."""
        self.changes.append({"finding_ids": list(finding_ids), **facts})


def act_on_findings(
    database: Database, actor: Actor, project: str, name: ActionName, finding_ids: Sequence[str]
) -> QualityAction:
    """Fix, exclude or dismiss findings, all in one step; those that are not open are left alone.

    "fix" clips boxes to the image, drops empty and doubled ones and excludes near-duplicates;
    "exclude" keeps images out of future versions; "dismiss" says that all is well. The answer
    names what was left alone and why; asked again, everything is.
    """
    require(actor, Permission.MANAGE_DATA, project)
    with database.begin() as tx:
        ledger = Ledger()
        findings = open_findings(tx, project, finding_ids, ledger)
        if name == "dismiss":
            for finding in findings:
                ledger.change([finding.id])
        elif name == "exclude":
            _exclude(tx, actor, project, findings, ledger)
        else:
            _fix(tx, actor, project, findings, ledger)
        return record_action(tx, actor, project, name, ledger)


def open_findings(
    tx: Transaction, project: str, finding_ids: Sequence[str], ledger: Ledger
) -> list[Finding]:
    """Return the findings that are open; note the others."""
    wanted = list(dict.fromkeys(finding_ids))
    known = {finding.id: finding for finding in store.find_findings(tx, project, wanted)}
    found = []
    for finding_id in wanted:
        if finding_id not in known:
            ledger.skip(finding_id, "there is no such finding")
        elif known[finding_id].status != "open":
            ledger.skip(finding_id, f"it is {known[finding_id].status}")
        else:
            found.append(known[finding_id])
    return found


def record_action(
    tx: Transaction, actor: Actor, project: str, name: ActionName, ledger: Ledger
) -> QualityAction:
    """Settle the findings of an action and keep it for undo and audit."""
    ids = [finding_id for change in ledger.changes for finding_id in change["finding_ids"]]
    action = QualityAction(
        id=new_id("qact"),
        project=project,
        name=name,
        actor=actor.name,
        created_at=utc_now(),
        changes=tuple(ledger.changes),
        skipped=tuple(ledger.skipped),
    )
    settled = {"status": STATUS_AFTER[name], "updated_at": utc_now(), "updated_by": actor.name}
    store.update_findings(tx, project, ids, **settled)
    if ids:
        store.insert_action(tx, action)
        publish(
            tx,
            type="visionloop.quality.acted",
            project=project,
            subject=f"quality_action/{action.id}",
            actor=actor,
            data={"name": name, "num_findings": len(ids), "num_skipped": len(ledger.skipped)},
        )
    return action


def undo_action(
    database: Database, actor: Actor, project: str, action_id: str
) -> tuple[QualityAction, tuple[Mapping[str, str], ...]]:
    """Take an action back where nobody changed anything since.

    Returns:
        The action, and what was left as it is and why.

    Raises:
        ActionNotFound: the project has no such action.
        ActionNotUndoable: it was taken back already, or sent images to people.
    """
    require(actor, Permission.MANAGE_DATA, project)
    with database.begin() as tx:
        action = store.find_action(tx, project, action_id)
        if action is None:
            raise ActionNotFound(project, action_id)
        if action.name == "label":
            reason = "people may be at work on its tasks; skip those in the queue instead"
            raise ActionNotUndoable(action_id, reason)
        ended = {"undone_at": utc_now(), "undone_by": actor.name}
        if not store.end_action(tx, action, **ended):
            raise ActionNotUndoable(action_id, "it was undone already")
        ledger = Ledger()
        reopened: list[str] = []
        for change in reversed(action.changes):
            if _take_back(tx, actor, project, change, ledger):
                reopened += change["finding_ids"]
        settled = {"status": "open", "updated_at": utc_now(), "updated_by": actor.name}
        store.update_findings(tx, project, reopened, **settled)
        publish(
            tx,
            type="visionloop.quality.undone",
            project=project,
            subject=f"quality_action/{action.id}",
            actor=actor,
            data={"name": action.name, "num_findings": len(reopened)},
        )
    return replace(action, undone_at=utc_now(), undone_by=actor.name), tuple(ledger.skipped)


def _exclude(
    tx: Transaction, actor: Actor, project: str, findings: Sequence[Finding], ledger: Ledger
) -> None:
    images = image_store.find_images(tx, project, [f.image_id for f in findings if f.image_id])
    excluded: set[str] = set()
    for finding in findings:
        image = images.get(finding.image_id or "")
        if image is None:
            ledger.skip(finding.id, "it is about no single image")
            continue
        is_first = image.status == "active" and image.id not in excluded
        if is_first:
            excluded.add(image.id)
            _set_status(tx, actor, project, image.id, "excluded", reason=f"quality: {finding.kind}")
        ledger.change([finding.id], image_id=image.id, excluded=is_first)


def _fix(
    tx: Transaction, actor: Actor, project: str, findings: Sequence[Finding], ledger: Ledger
) -> None:
    by_image: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.kind not in FIXABLE or finding.image_id is None:
            ledger.skip(finding.id, f"{finding.kind} has no automatic fix; send it to labeling")
        elif finding.kind == "near-duplicate":
            _exclude(tx, actor, project, [finding], ledger)
        else:
            by_image.setdefault(finding.image_id, []).append(finding)
    sets = annotation_store.find_annotation_sets(tx, project, list(by_image))
    for image_id, own in by_image.items():
        _fix_labels(tx, actor, sets[image_id], own, ledger)


def _fix_labels(
    tx: Transaction,
    actor: Actor,
    before: AnnotationSet,
    findings: Sequence[Finding],
    ledger: Ledger,
) -> None:
    """Mend all labels of an image in one save, so that it is undone in one."""
    image = image_store.find_image(tx, before.project, before.image_id)
    assert image is not None
    labels, done = before.annotations, []
    for finding in findings:
        size = (image.width, image.height)
        mended = rules.mend_labels(labels, finding.kind, finding.annotation_id or "", size=size)
        if mended == labels:
            ledger.skip(finding.id, "the label is not as it was; scan again")
        else:
            labels = mended
            done.append(finding.id)
    if done:
        _save(tx, actor, before, labels)
        ledger.change(
            done,
            image_id=before.image_id,
            revision=before.revision + 1,
            annotations=[asdict(item) for item in before.annotations],
        )


def _take_back(
    tx: Transaction, actor: Actor, project: str, change: Mapping[str, Any], ledger: Ledger
) -> bool:
    """Undo one change; note why not."""
    image_id = change.get("image_id")
    if "annotations" in change:
        live = annotation_store.find_annotation_set(tx, project, str(image_id))
        if live is None or live.revision != change["revision"]:
            for finding_id in change["finding_ids"]:
                ledger.skip(finding_id, "someone saved labels of the image since")
            return False
        _save(tx, actor, live, tuple(_annotation(item) for item in change["annotations"]))
    elif change.get("excluded"):
        image = image_store.find_image(tx, project, str(image_id))
        if image is not None and image.status == "excluded":
            _set_status(tx, actor, project, image.id, "active", reason="quality: undone")
    return True


def _save(
    tx: Transaction, actor: Actor, before: AnnotationSet, labels: Sequence[Annotation]
) -> None:
    saved = replace(
        before,
        revision=before.revision + 1,
        annotations=tuple(labels),
        updated_at=utc_now(),
        updated_by=actor.name,
    )
    # The transaction that read the revision writes it: nobody comes in between on SQLite, and on
    # PostgreSQL the row that changed meanwhile matches no more.
    if not annotation_store.replace_annotations(tx, saved, expected_revision=before.revision):
        raise StaleAnnotations(before.image_id, before.revision, before.revision + 1)
    publish(
        tx,
        type="visionloop.annotations.saved",
        project=before.project,
        subject=f"image/{before.image_id}",
        actor=actor,
        data={"revision": saved.revision, "num_annotations": len(labels), "by": "quality"},
    )


def _set_status(
    tx: Transaction, actor: Actor, project: str, image_id: str, status: str, *, reason: str
) -> None:
    image_store.update_image(tx, project, image_id, status=status)
    publish(
        tx,
        type=f"visionloop.image.{'excluded' if status == 'excluded' else 'restored'}",
        project=project,
        subject=f"image/{image_id}",
        actor=actor,
        data={"reason": reason},
    )


def _annotation(values: Mapping[str, Any]) -> Annotation:
    box = values["bbox"]
    return Annotation(**(dict(values) | {"bbox": None if box is None else tuple(box)}))
