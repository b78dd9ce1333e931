"""Set live labels back to what a dataset version holds, with a preview and a way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission, Project
from visionloop.admin.events import publish
from visionloop.admin.projects import get_project
from visionloop.compute.context import JobContext
from visionloop.compute.entities import Job
from visionloop.compute.jobs import submit
from visionloop.data.entities import (
    AnnotationSet,
    DatasetVersion,
    ManifestRow,
)
from visionloop.data.errors import StaleAnnotations
from visionloop.data.live_labels import compare_live, freeze_live_labels, with_live_labels
from visionloop.data.manifests import manifest_file, read_rows
from visionloop.data.row_changes import ImageChange, RowPair, classify, describe_change
from visionloop.data.store import annotations as annotation_store
from visionloop.data.versions import get_version
from visionloop.kernel.clock import utc_now
from visionloop.kernel.errors import Conflict
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database, Transaction

_BATCH: Final = 200

Progress = Callable[[float, str], None]


class VersionNotRestorable(Conflict):
    """The labels of a version do not fit the project any more."""

    code = "dataset_version_not_restorable"

    def __init__(self, version: str, reason: str) -> None:
        super().__init__(
            f"The labels of {version} cannot become live labels again: {reason}. Nothing was "
            "changed.",
            version=version,
            reason=reason,
        )


@dataclass(frozen=True)
class RestorePreview:
    """What restoring a version would do.

    Attributes:
        num_changed: images whose live labels differ from the version's.
        num_missing: images of the version that the project no longer has; they are left out.
        changes: a page of the changed images; ``before`` is now, ``after`` what they would be.
    """

    version: str
    num_images: int
    num_changed: int
    num_missing: int
    changes: tuple[ImageChange, ...]


def preview_restoration(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    version: str,
    *,
    limit: int = 60,
    offset: int = 0,
) -> RestorePreview:
    """Tell which live labels restoring a version would change, image by image.

    Raises:
        VersionNotFound: there is no such version.
    """
    require(actor, Permission.READ, project)
    found = get_version(database, actor, project, version)
    page: list[ImageChange] = []
    num_changed = num_present = 0
    with manifest_file(blobs, found.manifest) as path, database.read() as tx:
        for present, pairs in compare_live(tx, project, path):
            num_present += present
            for pair in pairs:
                if offset <= num_changed < offset + limit:
                    page.append(describe_change(pair, classify(pair)))
                num_changed += 1
    return RestorePreview(
        version=found.reference,
        num_images=found.num_images,
        num_changed=num_changed,
        num_missing=found.num_images - num_present,
        changes=tuple(page),
    )


def start_restoration(database: Database, actor: Actor, project: str, version: str) -> Job:
    """Queue the restoration of a version as a job.

    Its outputs are ``version``, ``num_restored``, ``num_skipped`` (saved by someone meanwhile),
    ``num_missing`` and ``undo``, the reference of the version that holds what was replaced;
    restoring that one undoes it.

    Raises:
        VersionNotFound: there is no such version.
        VersionNotRestorable: the project's task or classes have changed.
    """
    require(actor, Permission.MANAGE_DATA, project)
    found = get_version(database, actor, project, version)
    _check_fit(found, get_project(database, project))
    return submit(
        database,
        actor,
        project=project,
        kind="restore",
        entry_point="visionloop.data.restoring:restore",
        inputs={"version": found.id, "reference": found.reference},
        permission=Permission.MANAGE_DATA,
    )


def restore(context: JobContext) -> dict[str, Any]:
    """Restore a version as a job; run again after a crash, it finishes what is left."""

    def tell(fraction: float, message: str) -> None:
        context.check_cancelled()
        context.progress(fraction, message)

    where = (context.database, context.blobs, context.actor, context.project)
    version = str(context.inputs["version"])
    return restore_labels(*where, version, purpose=context.job_id, progress=tell)


def restore_labels(
    database: Database,
    blobs: BlobStore,
    actor: Actor,
    project: str,
    version: str,
    *,
    purpose: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Set live labels back to a version's and keep what they were as a version of their own.

    ``purpose`` names this restoration; a second attempt under the same name goes on with it.

    Raises:
        VersionNotFound: there is no such version.
        VersionNotRestorable: the project's task or classes have changed.
        StaleAnnotations: someone saved at the same moment; running it again goes on.
    """
    require(actor, Permission.MANAGE_DATA, project)
    found = get_version(database, actor, project, version)
    _check_fit(found, get_project(database, project))
    total: Counter[str] = Counter()
    with manifest_file(blobs, found.manifest) as path:
        undo = freeze_live_labels(database, blobs, actor, found, manifest=path, purpose=purpose)
        rows = read_rows(path) if undo is not None else iter(())
        while undo is not None and (batch := list(islice(rows, _BATCH))):
            total += _write_batch(database, actor, found, batch, until=undo.created_at)
            if progress is not None:
                share = total["present"] / max(1, found.num_images)
                progress(min(1.0, share), f"{total['restored']} images restored.")
    facts = {
        "version": found.reference,
        "num_restored": total["restored"],
        "num_skipped": total["skipped"],
        "num_missing": found.num_images - total["present"] if undo is not None else 0,
        "undo": None if undo is None else undo.reference,
    }
    with database.begin() as tx:
        publish(
            tx,
            type="visionloop.dataset_version.restored",
            project=project,
            subject=f"dataset_version/{found.id}",
            actor=actor,
            data=facts,
        )
    return facts


def _check_fit(version: DatasetVersion, schema: Project) -> None:
    if version.task != schema.task.value:
        reason = f"it was frozen for {version.task}, the project is for {schema.task.value} now"
        raise VersionNotRestorable(version.reference, reason)
    unknown = [name for name in version.classes if name not in schema.classes]
    if unknown:
        named = ", ".join(map(repr, unknown))
        raise VersionNotRestorable(version.reference, f"the label schema lacks {named}")


def _write_batch(
    database: Database,
    actor: Actor,
    version: DatasetVersion,
    batch: Sequence[ManifestRow],
    *,
    until: datetime,
) -> Counter[str]:
    """Write the labels of some images, apart from those that someone saved after ``until``.

    Returns:
        How many of the images the project has (present), were restored, and were skipped.
    """
    done: Counter[str] = Counter()
    with database.begin() as tx:
        ids = [row.image_id for row in batch]
        live = annotation_store.find_annotation_sets(tx, version.project, ids)
        for row in batch:
            labels = live.get(row.image_id)
            if labels is None:
                continue
            done["present"] += 1
            if not classify(RowPair(with_live_labels(row, labels), row)):
                continue
            if labels.updated_at > until:
                done["skipped"] += 1
                continue
            _write(tx, actor, version, row, labels)
            done["restored"] += 1
    return done


def _write(
    tx: Transaction,
    actor: Actor,
    version: DatasetVersion,
    row: ManifestRow,
    live: AnnotationSet,
) -> None:
    status: Any = row.annotation_status
    restored = replace(
        live,
        revision=live.revision + 1,
        status=status,
        annotations=tuple(replace(item, image_id=row.image_id) for item in row.annotations),
        updated_at=utc_now(),
        updated_by=actor.name,
        attributes=dict(row.attributes),
    )
    if not annotation_store.replace_annotations(tx, restored, expected_revision=live.revision):
        raise StaleAnnotations(row.image_id, live.revision, live.revision + 1)
    publish(
        tx,
        type="visionloop.annotations.restored",
        project=version.project,
        subject=f"image/{row.image_id}",
        actor=actor,
        data={"revision": restored.revision, "version": version.reference},
    )
