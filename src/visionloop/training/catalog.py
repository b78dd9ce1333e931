"""The recipes that can be trained with: built-in ones, and those of installed plugins.

A recipe is described here without torch, so that the control plane can list it, check its
settings and start its job; the job alone imports what learns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from visionloop.training import configs
from visionloop.training.entities import Recipe, RecipeParameter
from visionloop.training.errors import (
    RecipeNotFound,
    RecipeTaskDiffers,
    TaskUnsupported,
    TrainingConfigInvalid,
    TrainingExtrasMissing,
)
from visionloop.training.loop_config import LoopConfig, convert_setting, setting_kind

GROUP = "visionloop.trainers"


@dataclass(frozen=True)
class RecipePlugin:
    """A way to train, as a plugin offers it under the entry-point group ``visionloop.trainers``.

    Attributes:
        task: one of the task types of projects.
        config_type: typed settings, a subclass of `LoopConfig`.
        implementation: "module:name" of a `recipes.interface.RecipeImplementation`, imported by
            the training job alone.
        scratch, warm, warm_scratch: defaults that differ where training begins without pretrained
            weights, from an earlier run, or from an earlier run that began without.
    """

    name: str
    task: str
    description: str
    config_type: type[LoopConfig]
    implementation: str
    scratch: Mapping[str, Any] = field(default_factory=dict)
    warm: Mapping[str, Any] = field(default_factory=dict)
    warm_scratch: Mapping[str, Any] = field(default_factory=dict)

    def load(self) -> Any:
        """Import what learns.

        Raises:
            TrainingExtrasMissing: torch or another package of the training extra is missing.
        """
        module, _, name = self.implementation.partition(":")
        try:
            return getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            raise TrainingExtrasMissing(str(error.name)) from error


BUILT_IN = (
    RecipePlugin(
        name="classification",
        task="classification",
        description="One label per image: fine-tunes pretrained weights, or trains a small "
        "network from scratch.",
        config_type=configs.ClassificationConfig,
        implementation="visionloop.training.recipes.classification:ClassificationRecipe",
        scratch=configs.CLASSIFICATION_SCRATCH,
        warm=configs.CLASSIFICATION_WARM,
        warm_scratch=configs.CLASSIFICATION_WARM_SCRATCH,
    ),
    RecipePlugin(
        name="detection",
        task="detection",
        description="Boxes: fine-tunes a light detector in minutes on a CPU, or a detector of "
        "transformers.",
        config_type=configs.DetectionConfig,
        implementation="visionloop.training.recipes.detection.recipe:DetectionRecipe",
        scratch=configs.DETECTION_SCRATCH,
        warm=configs.DETECTION_WARM,
        warm_scratch=configs.DETECTION_WARM,
    ),
    RecipePlugin(
        name="instance_segmentation",
        task="instance_segmentation",
        description="Boxes with masks: the light detector with a light mask head.",
        config_type=configs.DetectionConfig,
        implementation="visionloop.training.recipes.instances.recipe:InstanceRecipe",
        scratch=configs.DETECTION_SCRATCH,
        warm=configs.DETECTION_WARM,
        warm_scratch=configs.DETECTION_WARM,
    ),
    RecipePlugin(
        name="multilabel",
        task="multilabel_classification",
        description="Any number of labels per image: one sigmoid a class, thresholds by F1.",
        config_type=configs.ClassificationConfig,
        implementation="visionloop.training.recipes.multilabel:MultilabelRecipe",
        scratch=configs.CLASSIFICATION_SCRATCH,
        warm=configs.CLASSIFICATION_WARM,
        warm_scratch=configs.CLASSIFICATION_WARM_SCRATCH,
    ),
    RecipePlugin(
        name="semantic_segmentation",
        task="semantic_segmentation",
        description="A class for every pixel: a light pyramid on any backbone that keeps its maps.",
        config_type=configs.SegmentationConfig,
        implementation="visionloop.training.recipes.segmentation.recipe:SegmentationRecipe",
        scratch=configs.SEGMENTATION_SCRATCH,
        warm=configs.SEGMENTATION_WARM,
        warm_scratch=configs.SEGMENTATION_WARM,
    ),
)


@cache
def known_recipes() -> Mapping[str, RecipePlugin]:
    """Return every recipe by name; a plugin cannot replace a built-in one."""
    installed = {entry.name: entry.load() for entry in entry_points(group=GROUP)}
    return installed | {plugin.name: plugin for plugin in BUILT_IN}


def get_recipe(name: str) -> RecipePlugin:
    """Return a recipe.

    Raises:
        RecipeNotFound: no such recipe.
    """
    known = known_recipes()
    if name not in known:
        raise RecipeNotFound(name, tuple(known))
    return known[name]


def choose_recipe(task: str, wanted: str | None) -> RecipePlugin:
    """Return the wanted recipe, or the first that trains a task.

    Raises:
        RecipeNotFound: no such recipe.
        RecipeTaskDiffers: the wanted recipe trains another task.
        TaskUnsupported: no recipe trains the task.
    """
    if wanted is not None:
        recipe = get_recipe(wanted)
        if recipe.task != task:
            raise RecipeTaskDiffers(wanted, recipe.task, task)
        return recipe
    fitting = [item for item in (*BUILT_IN, *known_recipes().values()) if item.task == task]
    if not fitting:
        raise TaskUnsupported(task, tuple(sorted({item.task for item in known_recipes().values()})))
    return fitting[0]


def parse_config(
    recipe: str, parameters: Mapping[str, Any], *, is_warm_start: bool = False
) -> LoopConfig:
    """Complete and check the settings of a recipe.

    Args:
        recipe: name of a recipe.
        parameters: settings to change; what is left out depends on where training begins.
        is_warm_start: whether training begins from an earlier run's checkpoint.

    Raises:
        RecipeNotFound: no such recipe.
        TrainingConfigInvalid: a setting is unknown, of the wrong type or out of range.
    """
    plugin = get_recipe(recipe)
    known = plugin.config_type.descriptions
    for name in parameters:
        if name not in known:
            expected = f"one of {', '.join(known)}"
            raise TrainingConfigInvalid(name, parameters[name], expected)
    is_pretrained = bool(parameters.get("weights"))
    values: dict[str, Any] = {} if is_pretrained else dict(plugin.scratch)
    if is_warm_start:
        values |= plugin.warm if is_pretrained else plugin.warm_scratch
    values |= {
        name: convert_setting(plugin.config_type, name, value) for name, value in parameters.items()
    }
    return plugin.config_type(**values)


def list_recipes() -> tuple[Recipe, ...]:
    """Describe every recipe with its settings and their defaults."""
    return tuple(
        Recipe(
            name=plugin.name,
            task=plugin.task,
            description=plugin.description,
            parameters=tuple(
                RecipeParameter(
                    name=item.name,
                    kind=setting_kind(item.default),
                    default=item.default,
                    description=plugin.config_type.descriptions[item.name],
                )
                for item in fields(plugin.config_type)
            ),
        )
        for plugin in known_recipes().values()
    )
