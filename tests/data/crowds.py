"""Many different images as rows of a database, without files."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.data.filter_strategies import KEYS, WORDS
from visionloop.data.entities import Annotation, AnnotationSet, Image
from visionloop.data.query.facts import Facts, facts_of_image
from visionloop.data.statistics import NUM_STATISTICS
from visionloop.data.store.annotations import fill_annotations
from visionloop.data.store.fact_tables import image_scores, image_tags
from visionloop.data.store.images import insert_images
from visionloop.data.store.indexing import refresh_facts, set_splits
from visionloop.storage.database import Database

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
VALUES = (*WORDS, 1, 2.0, 3.5, 40, None)


@dataclass(frozen=True)
class Member:
    """An image with everything that filters ask about."""

    image: Image
    annotations: AnnotationSet
    tags: frozenset[str]
    split: str | None
    scores: dict[str, float]

    @property
    def facts(self) -> Facts:
        return facts_of_image(
            self.image, self.annotations, tags=self.tags, split=self.split, scores=self.scores
        )


def make_crowd(number: int, *, project: str = "parts", seed: int = 0) -> list[Member]:
    """Invent images in which every field is sometimes missing."""
    chance = random.Random(seed)
    return [_member(chance, project, index) for index in range(number)]


def write_crowd(database: Database, crowd: list[Member]) -> None:
    """Insert the images with their labels, tags, scores and splits."""
    project = crowd[0].image.project
    tags = [
        {"project": project, "tag": tag, "image_id": member.image.id, "added_by": "anna"}
        | {"added_at": NOON}
        for member in crowd
        for tag in member.tags
    ]
    scores = [
        {"project": project, "name": name, "image_id": member.image.id, "value": value}
        for member in crowd
        for name, value in member.scores.items()
    ]
    with database.begin() as tx:
        insert_images(tx, [member.image for member in crowd])
        fill_annotations(tx, [m.annotations for m in crowd if m.annotations.revision])
        tx.execute(image_tags.insert(), tags)
        tx.execute(image_scores.insert(), scores)
        refresh_facts(tx, project, [member.image.id for member in crowd])
        set_splits(tx, project, {m.image.id: m.split for m in crowd if m.split})


def _member(chance: random.Random, project: str, index: int) -> Member:
    image = _image(chance, project, index)
    labels = tuple(_label(chance, image.id, n) for n in range(chance.choice([0, 0, 1, 1, 2, 3])))
    attributes = _columns(chance)
    used = bool(labels or attributes)
    return Member(
        image=image,
        annotations=AnnotationSet(
            project=project,
            image_id=image.id,
            revision=int(used),
            status="labeled" if used else "unlabeled",
            annotations=labels,
            updated_at=NOON - timedelta(hours=chance.choice([0, 12, 40])),
            updated_by="anna",
            attributes=attributes,
        ),
        tags=frozenset(chance.sample(WORDS, chance.choice([0, 0, 1, 3]))),
        split=chance.choice([None, "train", "val", "test"]),
        scores={"quality": chance.choice([0.0, 1.0, 2.0])} if chance.random() < 0.5 else {},
    )


def _image(chance: random.Random, project: str, index: int) -> Image:
    name = f"{chance.choice(WORDS)}/{index:04d}.jpg"
    exif: dict[str, Any] = {}
    if chance.random() < 0.7:
        exif["Model"] = chance.choice(WORDS)
    if chance.random() < 0.7:
        exif["ISO"] = chance.choice([1, 2.0, 3.5, 40, "3", "bolt"])
    if chance.random() < 0.7:
        exif["DateTimeOriginal"] = f"2026:11:{chance.choice([28, 29, 30])} 12:00:00"
    statistics = tuple(chance.choice([0.0, 1.0, 40.0]) for _ in range(NUM_STATISTICS))
    return Image(
        id=hashlib.sha256(f"{index}".encode()).hexdigest(),
        project=project,
        uri=f"datastore://cam/{name}",
        datastore=chance.choice([None, "cam"]),
        name=name,
        width=chance.choice([1, 2, 40, 640]),
        height=480,
        mode="RGB",
        format="jpeg",
        size_bytes=1000 + index,
        exif=exif,
        statistics=chance.choice([None, statistics]),
        dhash="0" * 16,
        group_key=chance.choice([None, *WORDS]),
        origin="ingest",
        metadata=_columns(chance),
        status=chance.choice(["active", "excluded"]),
        created_at=NOON - timedelta(hours=chance.choice([0, 12, 24, 36])),
    )


def _label(chance: random.Random, image_id: str, index: int) -> Annotation:
    model = chance.random() < 0.4
    return Annotation(
        id=f"{image_id[:20]}{index}",
        image_id=image_id,
        category=chance.choice(["bolt", "nut", "a_b"]),
        kind=chance.choice(["box", "polygon"]),
        bbox=(0.0, 0.0, 1.0, 1.0),
        score=chance.choice([0.0, 1.0, None]),
        source="model" if model else "human",
        author=chance.choice(["bolt", "nut", "anna"]),
        reviewed_by=chance.choice([None, "b"]),
    )


def _columns(chance: random.Random) -> dict[str, Any]:
    keys = [*chance.sample(KEYS, chance.choice([0, 0, 1, 2])), "ISO"]
    values = {key: chance.choice(VALUES) for key in keys}
    return {key: value for key, value in values.items() if value is not None}
