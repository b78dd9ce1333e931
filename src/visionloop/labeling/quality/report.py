"""How good the labels of a queue are, person by person."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

from visionloop.admin.access import require
from visionloop.admin.entities import Actor, Permission
from visionloop.data.entities import AnnotationDraft
from visionloop.labeling.agreement.kappa import cohen_kappa, fleiss_kappa, krippendorff_alpha
from visionloop.labeling.agreement.proposals import list_ratings
from visionloop.labeling.agreement.reliability import Rating, estimate_reliability
from visionloop.labeling.entities import TaskFigure
from visionloop.labeling.quality import rules, store
from visionloop.labeling.quality.entities import (
    AnnotatorQuality,
    QualityReport,
    Score,
    ScoreKind,
)
from visionloop.labeling.quality.scores import is_single_class
from visionloop.labeling.store import answers as answer_store
from visionloop.labeling.store import figures as figure_store
from visionloop.labeling.tasks import find_owner
from visionloop.storage.database import Database

_SECONDS_AN_HOUR: Final = 3600.0
Ratings = Mapping[str, Mapping[str, str]]


def measure_quality(
    database: Database, actor: Actor, project: str, *, queue: str | None = None
) -> QualityReport:
    """Measure everybody's work in a queue, or in all of them; not for those who are measured."""
    require(actor, Permission.REVIEW, project)
    owner = find_owner(database, project)
    with database.read() as tx:
        scores = store.list_scores(tx, project, queue)
        figures = figure_store.list_figures(tx, project, queue)
        answers = answer_store.list_by_image(tx, project, queue)
    ratings: dict[str, dict[str, str]] = {}
    for image_id, own in answers.items():
        drafts: dict[str, Sequence[AnnotationDraft]] = {
            answer.updated_by: answer.annotations for answer in own
        }
        for unit, given in list_ratings(drafts, is_single=is_single_class(owner)).items():
            ratings[f"{image_id}/{unit}"] = given
    agreed = [score.value for score in scores if score.kind is ScoreKind.CONSENSUS]
    names = sorted({name for given in ratings.values() for name in given})
    table = [[given.get(name) for name in names] for given in ratings.values()]
    return QualityReport(
        queue=queue,
        annotators=_measure_people(figures, scores, ratings),
        mean_agreement=statistics.fmean(agreed) if agreed else None,
        cohen=_measure_pairs(names, ratings),
        fleiss=fleiss_kappa(table),
        krippendorff=krippendorff_alpha(table),
    )


def _measure_pairs(names: Sequence[str], ratings: Ratings) -> dict[str, float | None]:
    pairs = {}
    for first, second in combinations(names, 2):
        both = [(r[first], r[second]) for r in ratings.values() if first in r and second in r]
        if both:
            pairs[f"{first} / {second}"] = cohen_kappa([a for a, _ in both], [b for _, b in both])
    return pairs


def _measure_people(
    figures: Sequence[TaskFigure], scores: Sequence[Score], ratings: Ratings
) -> tuple[AnnotatorQuality, ...]:
    given = [
        Rating(unit, name, category)
        for unit, own in ratings.items()
        if len(own) > 1
        for name, category in own.items()
    ]
    accuracy = estimate_reliability(given).accuracy if given else {}
    qualities = rules.qualities_of(scores)
    names = {task.labeler for task in figures if task.labeler} | qualities.keys()
    return tuple(
        _measure_person(name, figures, scores, accuracy, qualities) for name in sorted(names)
    )


def _measure_person(
    name: str,
    figures: Sequence[TaskFigure],
    scores: Sequence[Score],
    accuracy: Mapping[str, float],
    qualities: Mapping[str, float],
) -> AnnotatorQuality:
    own = [task for task in figures if task.labeler == name]
    done = [task for task in own if task.submitted_at is not None]
    seconds = [task.active_s for task in done if task.active_s > 0]
    gold = [s for s in scores if s.annotator == name and s.kind is ScoreKind.GOLD]
    consensus = [s.value for s in scores if s.annotator == name and s.kind is ScoreKind.CONSENSUS]
    return AnnotatorQuality(
        name=name,
        num_submitted=len(done),
        num_rejections=sum(task.num_rejections for task in own),
        num_fixed=sum(task.is_fixed for task in own),
        num_gold=len(gold),
        gold=rules.wilson(sum(score.is_right for score in gold), len(gold)),
        gold_score=statistics.fmean(s.value for s in gold) if gold else None,
        num_consensus=len(consensus),
        consensus=statistics.fmean(consensus) if consensus else None,
        class_accuracy=accuracy.get(name),
        estimate=qualities.get(name, rules.PRIOR_QUALITY),
        median_s=statistics.median(seconds) if seconds else None,
        per_hour=_SECONDS_AN_HOUR * len(seconds) / sum(seconds) if seconds else None,
    )
