"""Pure decisions of training: how runs end, how runs differ, whether data can teach."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.compute.entities import Job, JobState
from visionloop.data.entities import ManifestRow
from visionloop.training.entities import Run, RunComparison, RunStatus
from visionloop.training.errors import DatasetUnfit

_ENDINGS = {
    JobState.FAILED: RunStatus.FAILED,
    JobState.CANCELLED: RunStatus.CANCELLED,
    # The job records the run's end before its own, so this run was never its job's.
    JobState.SUCCEEDED: RunStatus.FAILED,
}


def ending_of(run: Run, job: Job | None) -> RunStatus | None:
    """Decide how a run ended that still looks open although its job has ended.

    A job that was killed could not close its run any more; its own record tells how it ended.
    """
    if run.status.is_final or job is None or not job.state.is_final:
        return None
    return _ENDINGS[job.state]


def compare(runs: Sequence[Run]) -> RunComparison:
    """Put runs side by side: the parameters that differ, and all metrics."""
    names = sorted({name for run in runs for name in run.parameters})
    changed = {}
    for name in names:
        values = tuple(run.parameters.get(name) for run in runs)
        if any(value != values[0] for value in values):
            changed[name] = values
    keys = sorted({key for run in runs for key in run.metrics})
    metrics = {key: tuple(run.metrics.get(key) for run in runs) for key in keys}
    return RunComparison(tuple(runs), changed, metrics)


def check_trainable(
    rows: Sequence[ManifestRow], classes: Sequence[str], *, task: str = "classification"
) -> tuple[str, ...]:
    """Return the classes to learn, in the order of the label schema.

    Args:
        rows: of the dataset version.
        classes: of the dataset version.
        task: of the project; only classifiers need two classes to tell apart.

    Raises:
        DatasetUnfit: No training or validation image, one class only, or a class that occurs in
            validation or test and never in training.
    """
    labels: dict[str, set[str]] = {"train": set(), "val": set(), "test": set()}
    for row in rows:
        if task != "classification":
            labels[row.split].update(item.category for item in row.annotations)
        elif row.label is not None:
            labels[row.split].add(row.label)
    if not labels["train"]:
        raise DatasetUnfit("its training split holds no labeled image")
    if len(labels["train"]) < 2 and task == "classification":
        raise DatasetUnfit(
            f"all its training images show {next(iter(labels['train']))!r}; at least two classes "
            "are needed",
            classes=sorted(labels["train"]),
        )
    if not labels["val"]:
        raise DatasetUnfit("its validation split holds no labeled image")
    missing = (labels["val"] | labels["test"]) - labels["train"]
    if missing:
        raise DatasetUnfit(
            f"no training image shows {', '.join(sorted(missing))}; label some, or move some to "
            "the training split",
            classes=sorted(missing),
        )
    return tuple(name for name in classes if name in labels["train"])
