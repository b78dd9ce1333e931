"""Settings of the built-in recipes: typed, complete, checked before a job is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from visionloop.data.preprocessing import Preprocessing, Resize
from visionloop.training.entities import Recipe, RecipeParameter
from visionloop.training.errors import RecipeNotFound, TrainingConfigInvalid

AUGMENTATIONS: Final = ("none", "light", "standard", "strong")
RESIZES: Final = ("squash", "letterbox", "center_crop")

DESCRIPTIONS: Final = {
    "weights": "Local folder or hub id of pretrained weights; a small network when empty.",
    "image_size": "Side of the square input in pixels.",
    "resize": f"How photos become square: {', '.join(RESIZES)}.",
    "epochs": "Passes over the training images.",
    "freeze_epochs": "First epochs in which only the new head learns.",
    "batch_size": "Images per step.",
    "learning_rate": "Peak of the cosine schedule.",
    "weight_decay": "AdamW weight decay.",
    "label_smoothing": "Share of probability given to all classes.",
    "dropout": "Dropout before the last layer.",
    "augmentation": f"Random changes of training images: {', '.join(AUGMENTATIONS)}.",
    "horizontal_flip": "Mirror half of the images; leave off where left and right matter.",
    "new_image_share": "Share of an epoch drawn from images that the warm start never saw.",
    "weight_averaging": "Decay of a running average of the weights; 0 for none.",
    "seed": "Fixes every random choice.",
    "num_threads": "CPU threads; 0 for what the job was given.",
}


@dataclass(frozen=True)
class ClassificationConfig:
    """How to train a classifier; `DESCRIPTIONS` says what each setting means."""

    weights: str | None = None
    image_size: int = 96
    resize: Resize = "squash"
    epochs: int = 6
    freeze_epochs: int = 0
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    dropout: float = 0.2
    augmentation: str = "light"
    horizontal_flip: bool = False
    new_image_share: float = 0.5
    weight_averaging: float = 0.98
    seed: int = 0
    num_threads: int = 0

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            TrainingConfigInvalid: One is out of range.
        """
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise TrainingConfigInvalid(name, value, f"{low:g} to {high:g}")
        for name, allowed in (("resize", RESIZES), ("augmentation", AUGMENTATIONS)):
            if getattr(self, name) not in allowed:
                raise TrainingConfigInvalid(name, getattr(self, name), " or ".join(allowed))
        if self.freeze_epochs >= self.epochs:
            raise TrainingConfigInvalid(
                "freeze_epochs", self.freeze_epochs, f"fewer than epochs ({self.epochs})"
            )

    @property
    def preprocessing(self) -> Preprocessing:
        """The resize that the model is trained with and will be served with."""
        return Preprocessing(self.image_size, self.image_size, resize=self.resize)

    def to_dict(self) -> dict[str, Any]:
        """Return every setting by name."""
        return asdict(self)


_RANGES: Final[tuple[tuple[str, float, float], ...]] = (
    ("image_size", 16, 1024),
    ("epochs", 1, 1000),
    ("freeze_epochs", 0, 1000),
    ("batch_size", 2, 4096),
    ("learning_rate", 1e-7, 1.0),
    ("weight_decay", 0.0, 1.0),
    ("label_smoothing", 0.0, 0.5),
    ("dropout", 0.0, 0.9),
    ("new_image_share", 0.0, 0.9),
    ("weight_averaging", 0.0, 0.9999),
    ("seed", 0, 2**31 - 1),
    ("num_threads", 0, 256),
)
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}

# A small network that starts from nothing needs more and larger steps than a pretrained one.
_SCRATCH_DEFAULTS: Final = {"image_size": 64, "epochs": 30, "learning_rate": 3e-3, "dropout": 0.1}
# A champion's checkpoint already knows the task; half the step keeps what it knows.
_WARM_DEFAULTS: Final = {"epochs": 4, "learning_rate": 5e-4}
_WARM_SCRATCH_DEFAULTS: Final = {"epochs": 12, "learning_rate": 1e-3}


def parse_config(
    recipe: str, parameters: Mapping[str, Any], *, is_warm_start: bool = False
) -> ClassificationConfig:
    """Complete and check the settings of a recipe.

    Args:
        recipe: name of a built-in recipe.
        parameters: settings to change; what is left out depends on where training begins.
        is_warm_start: whether training begins from an earlier run's checkpoint.

    Raises:
        RecipeNotFound: no such recipe.
        TrainingConfigInvalid: a setting is unknown, of the wrong type or out of range.
    """
    if recipe != "classification":
        raise RecipeNotFound(recipe, ("classification",))
    for name in parameters:
        if name not in DESCRIPTIONS:
            expected = f"one of {', '.join(DESCRIPTIONS)}"
            raise TrainingConfigInvalid(name, parameters[name], expected)
    is_pretrained = bool(parameters.get("weights"))
    values: dict[str, Any] = {} if is_pretrained else dict(_SCRATCH_DEFAULTS)
    if is_warm_start:
        values |= _WARM_DEFAULTS if is_pretrained else _WARM_SCRATCH_DEFAULTS
    values |= {name: _convert(name, value) for name, value in parameters.items()}
    return ClassificationConfig(**values)


def list_recipes() -> tuple[Recipe, ...]:
    """Describe the built-in recipes."""
    parameters = tuple(
        RecipeParameter(
            name=item.name,
            kind=_kind(item.default),
            default=item.default,
            description=DESCRIPTIONS[item.name],
        )
        for item in fields(ClassificationConfig)
    )
    return (
        Recipe(
            name="classification",
            task="classification",
            description="One label per image: fine-tunes pretrained weights, or trains a small "
            "network from scratch.",
            parameters=parameters,
        ),
    )


def _convert(name: str, value: Any) -> Any:
    """Accept JSON numbers and command-line text, and nothing that would lose information."""
    kind = _kind(getattr(ClassificationConfig, name))
    try:
        if kind == "boolean":
            return _BOOLEANS[str(value).lower()]
        if kind == "integer":
            number = float(value)
            if isinstance(value, bool) or number != int(number):
                raise ValueError
            return int(number)
        if kind == "number":
            return float(value)
    except (TypeError, ValueError, KeyError, OverflowError):
        raise TrainingConfigInvalid(name, value, f"a value of type {kind}") from None
    return None if value in (None, "") else str(value)


def _kind(default: Any) -> str:
    if isinstance(default, bool):
        return "boolean"
    if isinstance(default, int):
        return "integer"
    return "number" if isinstance(default, float) else "text"
