from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from visionloop.admin.entities import Actor
from visionloop.data.annotations import get_annotations
from visionloop.data.entities import Annotation, AnnotationDraft
from visionloop.kernel.clock import utc_now
from visionloop.labeling.annotations import save_labels
from visionloop.labeling.assist import suggest_labels, suggest_queue
from visionloop.labeling.claims import open_task
from visionloop.labeling.entities import LabelTask, Suggestion, TaskState
from visionloop.labeling.errors import NoPredictor
from visionloop.labeling.outcomes import compare, measure_assist
from visionloop.labeling.ports import Prediction
from visionloop.labeling.progress import get_progress
from visionloop.labeling.tasks import get_task
from visionloop.storage.blobs import BlobStore
from visionloop.storage.database import Database


@dataclass
class ScriptedPredictor:
    """A fake at the port: says what it was told to say."""

    answer: Prediction | None
    seen: bytes = b""
    model: str | None = None

    def predict(
        self, project: str, image_bytes: bytes, *, model: str | None = None
    ) -> Prediction | None:
        assert project == "parts"
        self.model = model
        self.seen = image_bytes
        return self.answer


def test_suggestions_stay_with_the_task_and_keep_their_author_until_saved(
    database: Database, blobs: BlobStore, queued: list[LabelTask], labeler: Actor
) -> None:
    draft = AnnotationDraft(category="gear", kind="class", score=0.91)
    predictor = ScriptedPredictor(Prediction("parts-classifier:3", "d" * 64, (draft,)))
    task_id = queued[0].id
    suggestion = suggest_labels(database, blobs, labeler, "parts", task_id, predictor=predictor)
    assert predictor.seen[:2] == b"\xff\xd8"
    stored = get_task(database, labeler, "parts", task_id)
    assert stored.task.suggestion == suggestion
    assert stored.annotations.annotations == ()
    (proposed,) = suggestion.annotations
    assert (proposed.source, proposed.author, proposed.score) == (
        "model",
        "parts-classifier:3",
        0.91,
    )
    open_task(database, labeler, "parts", task_id)
    save_labels(database, labeler, "parts", task_id, [proposed], expected_revision=0)
    saved = get_annotations(database, labeler, "parts", queued[0].image_id).annotations[0]
    assert (saved.source, saved.author, saved.score) == ("model", "parts-classifier:3", 0.91)


def test_without_a_model_the_answer_says_what_to_do(
    database: Database, blobs: BlobStore, queued: list[LabelTask], labeler: Actor
) -> None:
    with pytest.raises(NoPredictor, match="alias 'champion'"):
        suggest_labels(
            database,
            blobs,
            labeler,
            "parts",
            queued[0].id,
            predictor=ScriptedPredictor(None),
        )


def test_progress_is_counted_in_the_database(
    database: Database,
    queued: list[LabelTask],
    labeler: Actor,
    label: Callable[..., LabelTask],
) -> None:
    label(labeler, queued[0].id)
    progress = get_progress(database, labeler, "parts", queue="labeling")
    assert progress.total == 6
    assert progress.by_state["open"] == 5
    assert progress.by_state["submitted"] == 1
    assert [figures.name for figures in progress.labelers] == ["lena"]
    assert get_progress(database, labeler, "parts", queue="other").total == 0


def _box(category: str, x: float, *, source: str = "model") -> AnnotationDraft:
    return AnnotationDraft(category, "box", bbox=(x, 0, x + 10, 10), source=source)  # type: ignore[arg-type]


def test_what_became_of_proposals_is_counted_shape_by_shape() -> None:
    proposed = tuple(_box("nut", x) for x in (0, 30, 60)) + (_box("bolt", 90),)
    suggestion = Suggestion("m:1", "d", proposed, utc_now())
    made = [_box("nut", 0), _box("nut", 33), _box("gear", 60), _box("nut", 150)]
    labels = [Annotation(f"a{i}", "i", d.category, d.kind, bbox=d.bbox) for i, d in enumerate(made)]
    task = LabelTask("t", "parts", "i", "q", TaskState.OPEN, 0, "x", utc_now())
    found = compare(task, suggestion, labels, is_single=False)
    assert (found.num_proposed, found.num_unchanged, found.num_edited) == (4, 1, 2)
    assert (found.num_rejected, found.num_own) == (1, 1)


@pytest.mark.parametrize(("category", "unchanged"), [("gear", 1), ("nut", 0)])
def test_assist_quality_tells_how_much_was_kept(
    database: Database,
    blobs: BlobStore,
    queued: list[LabelTask],
    labeler: Actor,
    label: Callable[..., LabelTask],
    category: str,
    unchanged: int,
) -> None:
    drafts = tuple(AnnotationDraft(c, "class", score=s) for c, s in (("gear", 0.9), ("nut", 0.1)))
    predictor = ScriptedPredictor(Prediction("parts:3", "d" * 64, drafts))
    made = suggest_queue(
        database, blobs, labeler, "parts", "labeling", predictor=predictor, model="parts:3", limit=2
    )
    assert made == (2, 0)
    assert predictor.model == "parts:3"
    label(labeler, queued[0].id, category)
    (found,) = measure_assist(database, labeler, "parts")
    assert (found.model, found.num_proposed, found.num_unchanged) == ("parts:3", 1, unchanged)
    assert (found.num_edited, found.unchanged) == (1 - unchanged, unchanged)
    assert measure_assist(database, labeler, "parts", queue="other") == []
