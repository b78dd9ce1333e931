"""Labels of a foreign file become annotations of an image: scaled, checked, named as imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from visionloop.admin.entities import Project
from visionloop.data.entities import Annotation, AnnotationDraft, AnnotationSet, Image
from visionloop.data.errors import AnnotationInvalid
from visionloop.data.formats.entities import LabeledImage
from visionloop.data.formats.findings import Findings
from visionloop.data.formats.shapes import scaled
from visionloop.data.rules import check_annotations, fit_box
from visionloop.kernel.clock import utc_now
from visionloop.kernel.ids import new_id


def usable_drafts(
    labeled: LabeledImage, image: Image, project: Project, findings: Findings
) -> list[AnnotationDraft]:
    """Drop what the project cannot mean, with a finding for each kind of flaw."""
    _compare_sizes(labeled, image, findings)
    usable = []
    for label in labeled.annotations:
        assert isinstance(label, AnnotationDraft)
        draft = scaled(label, image.width, image.height) if labeled.relative else label
        if draft.bbox is not None and draft.kind == "box":
            _, problem = fit_box(draft.bbox, image.width, image.height)
            if problem is not None:
                findings.add(_general(problem), image.name)
        try:
            usable += check_annotations(
                [draft],
                task=project.task.value,
                classes=project.classes,
                width=image.width,
                height=image.height,
            )
        except AnnotationInvalid as error:
            if draft.kind != "box":
                findings.add(f"Shapes left out: {_short(error)}", image.name)
    return _fitting_task(usable, project, image, findings)


def imported_set(
    before: AnnotationSet,
    drafts: Iterable[AnnotationDraft],
    *,
    author: str,
    attributes: Mapping[str, Any],
) -> AnnotationSet:
    """Return the next revision of an image's annotations, all of them from a file.

    What the file says a model made stays a model's, with its score; people of other systems are
    not people of ours, so the rest is the import's.
    """
    annotations = tuple(
        Annotation(
            id=new_id("ann"),
            image_id=before.image_id,
            category=draft.category,
            kind=draft.kind,
            bbox=draft.bbox,
            segmentation=draft.segmentation,
            attributes=dict(draft.attributes),
            score=draft.score,
            source="model" if draft.source == "model" else "import",
            author=(draft.author or author) if draft.source == "model" else author,
            keypoints=draft.keypoints,
            external_id=draft.external_id,
        )
        for draft in drafts
    )
    return replace(
        before,
        revision=before.revision + 1,
        status="accepted",
        annotations=annotations,
        updated_at=utc_now(),
        updated_by=author,
        attributes={**before.attributes, **attributes},
    )


def _compare_sizes(labeled: LabeledImage, image: Image, findings: Findings) -> None:
    stated = (labeled.width, labeled.height)
    if None in stated or stated == (image.width, image.height):
        return
    turned = stated == (image.height, image.width)
    findings.add(
        "Annotated before EXIF rotation was applied; check the boxes"
        if turned
        else "Annotation file states another image size",
        image.name,
    )


def _fitting_task(
    drafts: list[AnnotationDraft], project: Project, image: Image, findings: Findings
) -> list[AnnotationDraft]:
    """Keep one class where the task takes one, and every class once where it takes several."""
    if project.task.value == "classification" and len(drafts) > 1:
        findings.add("Several classes on one image; the first was kept", image.name)
        return drafts[:1]
    if project.task.value == "multilabel_classification":
        return list({draft.category: draft for draft in drafts}.values())
    return drafts


def _general(problem: str) -> str:
    """Turn what is wrong with one box into a kind of flaw."""
    if "over the border" in problem:
        return "Boxes reach over the border and were cut"
    if "outside" in problem:
        return "Boxes outside the image were left out"
    if "wrong order" in problem:
        return "Boxes with corners in the wrong order were left out"
    return "Boxes of less than one pixel were left out"


def _short(error: AnnotationInvalid) -> str:
    reason = error.message.partition(": ")[2].rstrip(".")
    return "shape without area or outside the image" if reason.startswith("bbox") else reason
