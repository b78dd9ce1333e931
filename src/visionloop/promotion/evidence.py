"""What gates look at: the evidence in the package, and the frozen test images."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from visionloop.admin.entities import SYSTEM
from visionloop.data.entities import SPLITS, Split
from visionloop.data.errors import ImageTooLarge, NotAnImage
from visionloop.data.imaging import decode_image
from visionloop.evaluation.entities import Example
from visionloop.evaluation.examples import read_examples
from visionloop.evaluation.models import read_model_folder
from visionloop.evaluation.objects.entities import ObjectResult
from visionloop.evaluation.scoring import evaluate_package
from visionloop.promotion.errors import EvidenceMissing
from visionloop.promotion.ports import GateContext
from visionloop.promotion.rules import PairedCounts, SliceCount
from visionloop.registry.errors import ParityFailed
from visionloop.registry.packages import read_labels
from visionloop.registry.parity import check_parity

_EVALUATION_FILE = "evaluation.json"
# An image with objects is right when at least this F1 (1 - loss) of them was found.
_MAX_LOSS = 0.5


def recheck_parity(package_dir: Path) -> Mapping[str, Any]:
    """Score the stored sample again and return how far the graph is from the checkpoint.

    Raises:
        GraphUnfit: The graph does not load any more.
    """
    try:
        found = check_parity(package_dir, read_labels(package_dir))
    except ParityFailed as error:
        return {**error.details, "passed": False}
    return {**asdict(found), "passed": found.passed}


def read_slices(package_dir: Path) -> list[SliceCount]:
    """Return how the candidate did on every slice of its test images."""
    report = _read(package_dir, _EVALUATION_FILE).get("report", {})
    return [
        SliceCount(
            attribute=str(item["attribute"]),
            value=str(item["value"]),
            # Images of detectors have scores between wrong and right.
            num_correct=round((item.get("accuracy") or item["score"])["value"] * item["support"]),
            num_images=int(item["support"]),
        )
        for item in report.get("slices", [])
    ]


def read_test_examples(context: GateContext, limit: int) -> list[Example]:
    """Return frozen test images of the candidate's dataset version.

    Image ids are digests, so the first ones by id are a random and repeatable choice.

    Raises:
        EvidenceMissing: The package does not say on what it was judged, or that has no image.
    """
    evidence = _read(context.package_dir, _EVALUATION_FILE)
    version = evidence.get("dataset_version_id")
    split: Split = next((name for name in SPLITS if name == evidence.get("split")), "test")
    if not version:
        raise EvidenceMissing(context.digest, "its evaluation names no dataset version")
    examples = read_examples(
        context.database,
        context.blobs,
        SYSTEM,
        context.project,
        dataset_version=str(version),
        split=split,
    )
    if not examples:
        raise EvidenceMissing(context.digest, f"split {split!r} of {version} has no labeled image")
    return sorted(examples, key=lambda example: example.image_id)[:limit]


def read_test_images(context: GateContext, limit: int) -> list[bytes]:
    """Return the bytes of some readable test images, to send them to the endpoint.

    Raises:
        EvidenceMissing: None can be read.
    """
    found = []
    for example in read_test_examples(context, limit):
        try:
            data = example.read()
            decode_image(data)
        except (NotAnImage, ImageTooLarge, OSError):
            continue
        found.append(data)
    if not found:
        raise EvidenceMissing(context.digest, "not one test image can be read")
    return found


def compare_with_champion(context: GateContext, limit: int) -> tuple[PairedCounts, dict[str, Any]]:
    """Score candidate and champion on the same frozen test images.

    Both packages are scored now, with the same code, instead of trusting what either claims. An
    image whose class the champion does not know is one that the champion gets wrong.

    Returns:
        What each got right, and where the images came from.

    Raises:
        EvidenceMissing: There is no test image.
    """
    examples = read_test_examples(context, limit)
    candidate = _hits(context.package_dir, examples)
    if context.champion is None:
        champion = dict.fromkeys(candidate, False)
    else:
        champion = _hits(context.package_dir.parent / context.champion.digest, examples)
    ids = sorted(candidate)
    pairs = [(candidate[image_id], champion.get(image_id, False)) for image_id in ids]
    counts = PairedCounts(
        num_images=len(pairs),
        candidate_correct=sum(mine for mine, _ in pairs),
        champion_correct=sum(theirs for _, theirs in pairs),
        only_candidate=sum(mine and not theirs for mine, theirs in pairs),
        only_champion=sum(theirs and not mine for mine, theirs in pairs),
    )
    evidence = _read(context.package_dir, _EVALUATION_FILE)
    facts = {
        "dataset_version_id": evidence.get("dataset_version_id"),
        "split": evidence.get("split", "test"),
        "champion_version": context.champion.version if context.champion else None,
        "champion_digest": context.champion.digest if context.champion else None,
    }
    return counts, facts


def _hits(package_dir: Path, examples: Sequence[Example]) -> dict[str, bool]:
    known = set(read_model_folder(package_dir).labels)
    judged = evaluate_package(package_dir, [e for e in examples if known.issuperset(_classes(e))])
    hits = {example.image_id: False for example in examples}
    return hits | {item.image_id: item.loss <= _MAX_LOSS if isinstance(item, ObjectResult)
                   else item.is_correct for item in judged.results}  # fmt: skip


def _classes(example: Example) -> set[str]:
    return {item.category for item in example.annotations} or {example.label} - {""}


def _read(package_dir: Path, name: str) -> dict[str, Any]:
    try:
        content = json.loads((package_dir / name).read_bytes())
    except (OSError, ValueError) as error:
        raise EvidenceMissing(package_dir.name, f"{name} cannot be read ({error})") from error
    return content if isinstance(content, dict) else {}
