"""What can go wrong before, during and after a training."""

from __future__ import annotations

from visionloop.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class RunNotFound(NotFound):
    """No such run in this project."""

    code = "run_not_found"

    def __init__(self, run_id: str, project: str) -> None:
        super().__init__(
            f"Project {project!r} has no run {run_id!r}.", run_id=run_id, project=project
        )


class ExperimentNotFound(NotFound):
    """No such experiment in this project."""

    code = "experiment_not_found"

    def __init__(self, name: str, project: str) -> None:
        super().__init__(
            f"Project {project!r} has no experiment {name!r}.", name=name, project=project
        )


class ExperimentExists(Conflict):
    """Experiment names are unique within a project."""

    code = "experiment_exists"

    def __init__(self, name: str, project: str) -> None:
        super().__init__(
            f"Project {project!r} already has an experiment {name!r}; choose another name.",
            name=name,
            project=project,
        )


class ArtifactNotFound(NotFound):
    """The run left no such file."""

    code = "artifact_not_found"

    def __init__(self, run_id: str, path: str) -> None:
        super().__init__(f"Run {run_id} has no file {path!r}.", run_id=run_id, path=path)


class RunEnded(Conflict):
    """An ended run takes no more metrics and cannot be cancelled."""

    code = "run_ended"

    def __init__(self, run_id: str, status: str) -> None:
        super().__init__(
            f"Run {run_id} has already ended ({status}) and cannot change any more.",
            run_id=run_id,
            status=status,
        )


class RunUnfinished(Conflict):
    """Only a finished run has a model package."""

    code = "run_unfinished"

    def __init__(self, run_id: str, status: str) -> None:
        super().__init__(
            f"Run {run_id} is {status}; only a finished run has a model. "
            "Wait for it, or choose another run.",
            run_id=run_id,
            status=status,
        )


class MetricInvalid(Invalid):
    """A metric value that no chart can draw."""

    code = "metric_invalid"

    def __init__(self, key: str, value: float) -> None:
        super().__init__(
            f"Metric {key!r} is {value}; expected a finite number.", key=key, value=str(value)
        )


class TrainingConfigInvalid(Invalid):
    """A setting of the recipe is unknown or out of range."""

    code = "training_config_invalid"

    def __init__(self, field: str, received: object, expected: str) -> None:
        super().__init__(
            f"Training parameter {field!r} is {received!r}; expected {expected}.",
            field=field,
            received=repr(received),
            expected=expected,
        )


class RecipeNotFound(NotFound):
    """No built-in recipe of this name."""

    code = "recipe_not_found"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no recipe {name!r}; known are {', '.join(known)}.",
            name=name,
            known=list(known),
        )


class TaskUnsupported(Invalid):
    """No recipe trains this task."""

    code = "training_task_unsupported"

    def __init__(self, task: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"No recipe trains task {task!r}; known are recipes for {', '.join(known)}.",
            task=task,
            known=list(known),
        )


class RecipeTaskDiffers(Invalid):
    """A recipe cannot train a project of another task."""

    code = "recipe_task_differs"

    def __init__(self, name: str, recipe_task: str, task: str) -> None:
        super().__init__(
            f"Recipe {name!r} trains {recipe_task} models, and this project's task is {task}. "
            "Leave the recipe out to take the one that fits.",
            name=name,
            recipe_task=recipe_task,
            task=task,
        )


class TrainingStateForeign(Conflict):
    """A state to resume from belongs to a training with other settings."""

    code = "training_state_foreign"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The training state {path} was written with other settings or by another version; "
            "delete it to begin anew.",
            path=path,
        )


class DatasetUnfit(Invalid):
    """The dataset version cannot teach a model."""

    code = "dataset_unfit"

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(f"This dataset version cannot be trained on: {reason}.", **details)


class CheckpointUnusable(Invalid):
    """The named weights cannot be loaded or do not fit."""

    code = "checkpoint_unusable"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(
            f"The weights {source!r} cannot be used: {reason}. Name a folder with config.json and "
            "model.safetensors, or a model hub id of an image model.",
            source=source,
        )


class MemoryTooSmall(Unavailable):
    """The decoded images and the model would not fit into the free memory."""

    code = "memory_too_small"

    def __init__(
        self, needed_bytes: int | None, free_bytes: int, *, batch_size: int | None = None
    ) -> None:
        needs = "more memory than there is" if needed_bytes is None else (
            f"about {needed_bytes / 1e6:.0f} MB of memory"
        )  # fmt: skip
        at = "" if batch_size is None else f" at batch_size {batch_size}"
        super().__init__(
            f"Training needs {needs}{at} and {free_bytes / 1e6:.0f} MB are free. Lower batch_size "
            "(raise accumulate to make up for it) or image_size, or stop other programs.",
            needed_bytes=needed_bytes,
            free_bytes=free_bytes,
        )


class TrainingDiverged(Invalid):
    """The loss is no longer a number."""

    code = "training_diverged"

    def __init__(self, epoch: int, learning_rate: float) -> None:
        super().__init__(
            f"The loss became infinite or undefined in epoch {epoch + 1}; lower learning_rate "
            f"(now {learning_rate:g}).",
            epoch=epoch,
            learning_rate=learning_rate,
        )


class ExportDiffers(Invalid):
    """The exported graph is not the model that was trained."""

    code = "export_differs"

    def __init__(self, max_abs_difference: float, tolerance: float) -> None:
        super().__init__(
            f"The exported ONNX graph differs from the checkpoint by {max_abs_difference:.2g} on "
            f"the same images; at most {tolerance:g} is rounding. This architecture cannot be "
            "exported faithfully; choose other weights.",
            max_abs_difference=max_abs_difference,
            tolerance=tolerance,
        )


class TrainingExtrasMissing(Unavailable):
    """Torch and transformers are not installed."""

    code = "training_extras_missing"

    def __init__(self, module: str) -> None:
        super().__init__(
            f"Training needs the package {module!r}, which is not installed here. "
            "Install the training extra: pip install 'visionloop[train]'.",
            module=module,
        )
