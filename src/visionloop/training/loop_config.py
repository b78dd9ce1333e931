"""Settings that every built-in recipe shares, and how settings are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

from visionloop.data.preprocessing import Preprocessing, Resize
from visionloop.training.errors import TrainingConfigInvalid

AUGMENTATIONS: Final = ("none", "light", "standard", "strong")
RESIZES: Final = ("squash", "letterbox", "center_crop")
PRECISIONS: Final = ("float32", "bfloat16", "auto")

Ranges = tuple[tuple[str, float, float], ...]
Choices = tuple[tuple[str, tuple[str, ...]], ...]

LOOP_DESCRIPTIONS: Final[dict[str, str]] = {
    "weights": "Local folder or hub id of pretrained weights; a small network when empty.",
    "image_size": "Side of the square input in pixels.",
    "resize": f"How photos become square: {', '.join(RESIZES)}.",
    "epochs": "Passes over the training images.",
    "freeze_epochs": "First epochs in which only the new head learns; as many as epochs: always.",
    "batch_size": "Images per step.",
    "accumulate": "Steps whose gradients are added up before the weights move.",
    "learning_rate": "Peak of the cosine schedule.",
    "warm_up": "Share of the steps in which the learning rate rises to its peak.",
    "weight_decay": "AdamW weight decay.",
    "gradient_clip": "Largest norm of the gradients; 0 for no limit.",
    "precision": f"Numbers of the forward pass: {', '.join(PRECISIONS)}; auto takes bfloat16 "
    "where the hardware has it.",
    "augmentation": f"Random changes of training images: {', '.join(AUGMENTATIONS)}.",
    "horizontal_flip": "Mirror half of the images; leave off where left and right matter.",
    "class_balance": "0 draws every image equally often; 1 gives every class the same share.",
    "new_image_share": "Share of an epoch drawn from images that the warm start never saw.",
    "weight_averaging": "Decay of a running average of the weights; 0 for none.",
    "patience": "Epochs without progress on the validation images before training stops; 0: never.",
    "seed": "Fixes every random choice.",
    "num_threads": "CPU threads; 0 for what the job was given.",
}

_RANGES: Final[Ranges] = (
    ("image_size", 16, 2048),
    ("epochs", 1, 1000),
    ("freeze_epochs", 0, 1000),
    ("batch_size", 2, 4096),
    ("accumulate", 1, 256),
    ("learning_rate", 1e-7, 1.0),
    ("warm_up", 0.0, 0.9),
    ("weight_decay", 0.0, 1.0),
    ("gradient_clip", 0.0, 1e6),
    ("class_balance", 0.0, 1.0),
    ("new_image_share", 0.0, 0.9),
    ("weight_averaging", 0.0, 0.9999),
    ("patience", 0, 1000),
    ("seed", 0, 2**31 - 1),
    ("num_threads", 0, 256),
)
_CHOICES: Final[Choices] = (
    ("resize", RESIZES),
    ("augmentation", AUGMENTATIONS),
    ("precision", PRECISIONS),
)


@dataclass(frozen=True)
class LoopConfig:
    """How the shared loop trains; ``descriptions`` says what each setting means."""

    descriptions: ClassVar[Mapping[str, str]] = LOOP_DESCRIPTIONS
    ranges: ClassVar[Ranges] = _RANGES
    choices: ClassVar[Choices] = _CHOICES

    weights: str | None = None
    image_size: int = 96
    resize: Resize = "squash"
    epochs: int = 6
    freeze_epochs: int = 0
    batch_size: int = 32
    accumulate: int = 1
    learning_rate: float = 1e-3
    warm_up: float = 0.1
    weight_decay: float = 0.01
    gradient_clip: float = 0.0
    precision: str = "float32"
    augmentation: str = "light"
    horizontal_flip: bool = False
    class_balance: float = 0.0
    new_image_share: float = 0.5
    weight_averaging: float = 0.98
    patience: int = 0
    seed: int = 0
    num_threads: int = 0

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            TrainingConfigInvalid: One is out of range.
        """
        for name, low, high in self.ranges:
            value = getattr(self, name)
            if not low <= value <= high:
                raise TrainingConfigInvalid(name, value, f"{low:g} to {high:g}")
        for name, allowed in self.choices:
            if getattr(self, name) not in allowed:
                raise TrainingConfigInvalid(name, getattr(self, name), " or ".join(allowed))
        if self.freeze_epochs > self.epochs:
            raise TrainingConfigInvalid(
                "freeze_epochs", self.freeze_epochs, f"at most epochs ({self.epochs})"
            )

    @property
    def preprocessing(self) -> Preprocessing:
        """The resize that the model is trained with and will be served with."""
        return Preprocessing(self.image_size, self.image_size, resize=self.resize)

    def to_dict(self) -> dict[str, Any]:
        """Return every setting by name."""
        return asdict(self)


def convert_setting(config_type: type[LoopConfig], name: str, value: Any) -> Any:
    """Accept JSON numbers and command-line text, and nothing that would lose information.

    Raises:
        TrainingConfigInvalid: the value does not fit the setting.
    """
    kind = setting_kind(getattr(config_type, name))
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


def setting_kind(default: Any) -> str:
    """Return "boolean", "integer", "number" or "text" for a setting's default."""
    if isinstance(default, bool):
        return "boolean"
    if isinstance(default, int):
        return "integer"
    return "number" if isinstance(default, float) else "text"


_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}
