"""The training job, from a frozen dataset version to a folder that the registry takes.

It runs in a process of its own; torch is loaded here, by `recipes` and `export`, and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from visionloop.compute.context import JobContext
from visionloop.compute.errors import JobCancelled
from visionloop.data.entities import ManifestRow
from visionloop.data.sources import ImageSource
from visionloop.data.versions import get_version, read_manifest
from visionloop.evaluation.baseline import record_baseline
from visionloop.evaluation.entities import Evaluation, Example
from visionloop.evaluation.evaluations import EvaluationSubject, record_evaluation
from visionloop.evaluation.examples import examples_from_rows
from visionloop.evaluation.parity import Parity
from visionloop.evaluation.report import headline
from visionloop.evaluation.scoring import PackageEvaluation, evaluate_package
from visionloop.kernel.errors import VisionloopError
from visionloop.training import experiments, packaging, rules
from visionloop.training.catalog import RecipePlugin, get_recipe, parse_config
from visionloop.training.entities import Run, RunStatus
from visionloop.training.errors import MemoryTooSmall
from visionloop.training.images import ImageSet, decode_examples
from visionloop.training.loop_config import LoopConfig

if TYPE_CHECKING:
    from visionloop.training.recipes.interface import EpochRecord, TrainedModel

STATE_FILE = "training.state"
_NUM_PARITY_IMAGES = 64
_BASE_BYTES = 400_000_000
# Activations and gradients of common backbones, measured on MobileNetV2 and ResNet-18.
_BYTES_PER_PIXEL = 1_600

# Share of a typical job that is over when the phase begins.
_DECODING, _LEARNING, _EXPORTING, _JUDGING, _MEASURING = 0.0, 0.05, 0.8, 0.85, 0.9


@dataclass
class _Clock:
    """Wall-clock seconds of each phase."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, phase: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[phase] = round(time.monotonic() - started, 2)


@dataclass(frozen=True)
class _Job:
    """What every phase needs."""

    context: JobContext
    run: Run
    config: LoopConfig
    recipe: RecipePlugin
    package: Path
    clock: _Clock

    def report(self, begin: float, end: float, message: str) -> Callable[[float], None]:
        """Return a callback that maps a phase's share to the job's, and stops when asked to."""

        def on_progress(fraction: float) -> None:
            self.context.check_cancelled()
            self.context.progress(begin + (end - begin) * fraction, message)

        return on_progress


@dataclass(frozen=True)
class _Dataset:
    """Examples by split and the classes to learn."""

    train: list[Example]
    val: list[Example]
    test: list[Example]
    labels: tuple[str, ...]
    new_ids: frozenset[str]


def train(context: JobContext) -> dict[str, Any]:
    """Carry out a training job.

    Inputs: ``run_id``; after a warm start also ``checkpoint`` (folder) and ``base_version_id``.

    Returns:
        ``run_id``, ``evaluation_id``, ``package_dir`` and ``metrics``.
    """
    run_id = str(context.inputs["run_id"])
    where = (context.database, context.actor, context.project)
    known = experiments.get_run(*where, run_id)
    if known.has_model:
        # An earlier attempt finished the run and died before its job could say so.
        return _outputs(known)
    run = experiments.begin_run(*where, run_id, job_id=context.job_id)
    try:
        return _train(context, run)
    except JobCancelled as error:
        _end(context, run, RunStatus.CANCELLED, error.message)
        raise
    except VisionloopError as error:
        _end(context, run, RunStatus.FAILED, error.message)
        raise
    except Exception as error:
        _end(context, run, RunStatus.FAILED, f"Unexpected {type(error).__name__}: {error}")
        raise


def _train(context: JobContext, run: Run) -> dict[str, Any]:
    config = parse_config(run.recipe, run.parameters)
    package = context.output_dir / "package"
    package.mkdir(parents=True, exist_ok=True)
    job = _Job(context, run, config, get_recipe(run.recipe), package, _Clock())
    dataset = _read_dataset(job)
    _check_memory(config)
    with job.clock.measure("decode"):
        sets, unreadable = _decode(job, dataset)
    with job.clock.measure("train"):
        trained = _learn(job, dataset, sets)
    with job.clock.measure("export"):
        parity = _export(job, sets[1])
    with job.clock.measure("evaluate"):
        evaluation, judged = _judge(job, dataset, trained.num_threads)
    with job.clock.measure("baseline"):
        record_baseline(
            package,
            validation=dataset.val,
            test=judged.scored if evaluation.split == "test" else None,
            num_threads=trained.num_threads,
            on_progress=job.report(_MEASURING, 1.0, "Measuring the baseline."),
        )
    facts = packaging.TrainingFacts(
        seconds=job.clock.seconds,
        parity=parity,
        facts=trained.facts,
        best_epoch=trained.best_epoch,
        num_train_images=len(sets[0]),
        num_new_images=len(dataset.new_ids),
        unreadable=unreadable,
    )
    return _finish(job, evaluation, judged, facts)


def _read_dataset(job: _Job) -> _Dataset:
    context = job.context
    where = (context.database, context.actor, context.project)
    version = get_version(*where, str(job.run.dataset_version_id))
    rows = _read_rows(context, version.id)
    task = job.recipe.task
    labels = rules.check_trainable(rows, version.classes, task=task)
    source = ImageSource(context.database, context.blobs, context.project)
    splits = {
        split: examples_from_rows((row for row in rows if row.split == split), source, task=task)
        for split in ("train", "val", "test")
    }
    new_ids: frozenset[str] = frozenset()
    base_id = context.inputs.get("base_version_id")
    if base_id:
        known = {row.image_id for row in _read_rows(context, str(base_id)) if row.split == "train"}
        new_ids = frozenset(item.image_id for item in splits["train"]) - known
    counts = ", ".join(f"{len(items)} {split}" for split, items in splits.items())
    context.log(f"Dataset {version.reference}: {counts} images, {len(labels)} classes.")
    if base_id:
        context.log(f"{len(new_ids)} training images are new since the warm start.")
    return _Dataset(
        train=splits["train"],
        val=splits["val"],
        test=splits["test"],
        labels=labels,
        new_ids=new_ids,
    )


def _read_rows(context: JobContext, version_id: str) -> list[ManifestRow]:
    return list(
        read_manifest(context.database, context.blobs, context.actor, context.project, version_id)
    )


def _check_memory(config: LoopConfig) -> None:
    needed = _BASE_BYTES + config.batch_size * config.image_size**2 * _BYTES_PER_PIXEL
    free = psutil.virtual_memory().available
    if needed > free:
        raise MemoryTooSmall(needed, free)


def _decode(job: _Job, dataset: _Dataset) -> tuple[tuple[ImageSet, ImageSet], tuple[str, ...]]:
    sets: list[ImageSet] = []
    unreadable: list[str] = []
    total = len(dataset.train) + len(dataset.val)
    done = 0.0
    for name, examples in (("train", dataset.train), ("val", dataset.val)):
        share = len(examples) / total * (_LEARNING - _DECODING)
        decoded, broken = decode_examples(
            examples,
            job.config.preprocessing,
            path=job.context.output_dir / f"{name}.pixels",
            on_progress=job.report(done, done + share, "Decoding images."),
        )
        done += share
        sets.append(decoded)
        unreadable.extend(broken)
    if unreadable:
        job.context.log(f"{len(unreadable)} images cannot be read and are left out.")
    return (sets[0], sets[1]), tuple(unreadable)


def _learn(job: _Job, dataset: _Dataset, sets: tuple[ImageSet, ImageSet]) -> TrainedModel:
    implementation = job.recipe.load()
    from visionloop.training.recipes.interface import Progress, TrainingData

    is_new = np.array([item.image_id in dataset.new_ids for item in sets[0].examples], dtype=bool)
    data = TrainingData(
        train=sets[0],
        validation=sets[1],
        labels=dataset.labels,
        is_new=is_new if dataset.new_ids else None,
    )
    checkpoint = job.context.inputs.get("checkpoint")
    job.context.log(_describe_start(job.config, checkpoint))
    trained: TrainedModel = implementation.train(
        job.config,
        data,
        checkpoint=Path(str(checkpoint)) if checkpoint else None,
        progress=Progress(
            on_step=job.report(_LEARNING, _EXPORTING, "Training."),
            on_epoch=lambda record: _log_epoch(job, record),
            # Beside the folders of the attempts, so that the next one finds it.
            state_path=job.context.output_dir.parent / STATE_FILE,
        ),
    )
    implementation.save(trained, job.package / packaging.CHECKPOINT_FOLDER)
    facts = "".join(f"; {name} {value}" for name, value in trained.facts.items())
    job.context.log(f"Kept epoch {trained.best_epoch + 1}{facts}.")
    return trained


def _describe_start(config: LoopConfig, checkpoint: object) -> str:
    if checkpoint:
        return "Going on from the checkpoint of an earlier run."
    return f"Fine-tuning {config.weights}." if config.weights else "Training from scratch."


def _log_epoch(job: _Job, record: EpochRecord) -> None:
    context, step = job.context, record.epoch + 1
    experiments.log_metrics(
        context.database,
        context.actor,
        context.project,
        run_id=job.run.id,
        metrics=record.metrics,
        step=step,
    )
    share = step / job.config.epochs
    experiments.report_progress(
        context.database, job.run.id, _LEARNING + (_EXPORTING - _LEARNING) * share
    )
    shown = {k: v for k, v in record.metrics.items() if k.startswith("val_") or k == "train_loss"}
    text = ", ".join(f"{name} {value:.4f}" for name, value in shown.items())
    seconds = record.metrics["seconds"]
    context.log(f"Epoch {step}/{job.config.epochs}: {text}, {seconds:.1f} s")


def _export(job: _Job, validation: ImageSet) -> dict[str, Any]:
    job.report(_EXPORTING, _JUDGING, "Exporting to ONNX.")(0.0)
    images = np.ascontiguousarray(validation.pixels[:_NUM_PARITY_IMAGES])
    parity: Parity = job.recipe.load().export(job.package, job.config, images)
    job.context.log(
        f"Exported; largest difference to the checkpoint {parity.max_abs_difference:.1e} on "
        f"{parity.num_images} images (tolerance {parity.tolerance:g})."
    )
    return asdict(parity) | {"passed": parity.passed}


def _judge(job: _Job, dataset: _Dataset, num_threads: int) -> tuple[Evaluation, PackageEvaluation]:
    """Judge on the test split, or on validation where there is none."""
    context = job.context
    split, examples = ("test", dataset.test) if dataset.test else ("val", dataset.val)
    judged = evaluate_package(
        job.package,
        examples,
        num_threads=num_threads,
        on_progress=job.report(_JUDGING, _MEASURING, "Judging the model."),
    )
    evaluation = record_evaluation(
        context.database,
        context.blobs,
        context.actor,
        context.project,
        about=EvaluationSubject(
            subject=f"run/{job.run.id}",
            split=split,
            run_id=job.run.id,
            dataset_version_id=job.run.dataset_version_id,
        ),
        judged=judged,
    )
    measure, estimate = headline(judged.report)
    context.log(
        f"{measure} on {judged.report.num_images} {split} images: {estimate.value:.4f} "
        f"({estimate.low:.4f} to {estimate.high:.4f})."
    )
    return evaluation, judged


def _finish(
    job: _Job,
    evaluation: Evaluation,
    judged: PackageEvaluation,
    facts: packaging.TrainingFacts,
) -> dict[str, Any]:
    context, run = job.context, job.run
    packaging.write_environment(job.package)
    packaging.write_evaluation(job.package, evaluation, judged)
    packaging.write_training(job.package, run, facts)
    for path in context.output_dir.glob("*.pixels"):
        path.unlink()
    where = (context.database, context.actor, context.project)
    metrics = {f"{evaluation.split}_{key}": value for key, value in evaluation.metrics.items()}
    experiments.log_metrics(*where, run_id=run.id, metrics=metrics, step=job.config.epochs)
    artifacts = packaging.store_artifacts(job.package, context.blobs)
    experiments.log_artifacts(*where, run_id=run.id, artifacts=artifacts)
    ended = experiments.end_run(
        *where,
        run.id,
        status=RunStatus.FINISHED,
        evaluation_id=evaluation.id,
        package_dir=str(job.package),
    )
    seconds = ", ".join(f"{phase} {value:g} s" for phase, value in facts.seconds.items())
    context.log(f"Done: {seconds}.")
    return _outputs(ended)


def _outputs(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "evaluation_id": run.evaluation_id,
        "package_dir": run.package_dir,
        "metrics": dict(run.metrics),
    }


def _end(context: JobContext, run: Run, status: RunStatus, message: str) -> None:
    experiments.end_run(
        context.database, context.actor, context.project, run.id, status=status, error=message
    )
