"""Settings of the built-in recipes: typed, complete, checked before a job is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from visionloop.data.preprocessing import Resize
from visionloop.training.errors import TrainingConfigInvalid
from visionloop.training.loop_config import LOOP_DESCRIPTIONS, LoopConfig, Ranges


@dataclass(frozen=True)
class ClassificationConfig(LoopConfig):
    """How to train a classifier."""

    descriptions: ClassVar[Mapping[str, str]] = LOOP_DESCRIPTIONS | {
        "label_smoothing": "Share of probability given to all classes.",
        "dropout": "Dropout before the last layer.",
    }
    ranges: ClassVar[Ranges] = (
        *LoopConfig.ranges,
        ("label_smoothing", 0.0, 0.5),
        ("dropout", 0.0, 0.9),
    )

    label_smoothing: float = 0.05
    dropout: float = 0.2


@dataclass(frozen=True)
class DetectionConfig(LoopConfig):
    """How to train a detector."""

    descriptions: ClassVar[Mapping[str, str]] = LOOP_DESCRIPTIONS | {
        "weights": "YOLOX-nano as an ONNX file (or its folder), or the folder or hub id of a "
        "detector of transformers; the light detector from scratch when empty.",
        "vertical_flip": "Turn half of the images upside down.",
        "overlap": "Boxes of one class that overlap a better one by more than this are dropped.",
        "max_objects": "Most objects found in one image.",
        "mask_weight": "Weight of the masks in the loss, where masks are learned.",
    }
    ranges: ClassVar[Ranges] = (
        *LoopConfig.ranges,
        ("overlap", 0.1, 0.95),
        ("max_objects", 1, 1000),
        ("mask_weight", 0.0, 100.0),
    )

    image_size: int = 320
    resize: Resize = "letterbox"
    epochs: int = 30
    batch_size: int = 8
    learning_rate: float = 2e-3
    warm_up: float = 0.05
    weight_decay: float = 0.02
    gradient_clip: float = 10.0
    precision: str = "auto"
    horizontal_flip: bool = True
    vertical_flip: bool = False
    weight_averaging: float = 0.998
    overlap: float = 0.65
    max_objects: int = 100
    mask_weight: float = 3.0

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            TrainingConfigInvalid: One is out of range.
        """
        super().__post_init__()
        if self.image_size % 32:
            raise TrainingConfigInvalid("image_size", self.image_size, "a multiple of 32")
        if self.resize == "center_crop":
            raise TrainingConfigInvalid("resize", self.resize, "squash or letterbox")


@dataclass(frozen=True)
class SegmentationConfig(LoopConfig):
    """How to train a semantic segmenter."""

    descriptions: ClassVar[Mapping[str, str]] = LOOP_DESCRIPTIONS | {
        "weights": "Local folder or hub id of a backbone that keeps its maps (MobileNetV2, ResNet, "
        "ConvNeXt, SegFormer); a small network when empty.",
        "vertical_flip": "Turn half of the images upside down.",
    }

    image_size: int = 256
    resize: Resize = "letterbox"
    epochs: int = 30
    batch_size: int = 8
    learning_rate: float = 1e-3
    gradient_clip: float = 5.0
    precision: str = "auto"
    horizontal_flip: bool = True
    vertical_flip: bool = False
    weight_averaging: float = 0.99

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            TrainingConfigInvalid: One is out of range.
        """
        super().__post_init__()
        if self.image_size % 32:
            raise TrainingConfigInvalid("image_size", self.image_size, "a multiple of 32")
        if self.resize == "center_crop":
            raise TrainingConfigInvalid("resize", self.resize, "squash or letterbox")


# A small network that starts from nothing needs more and larger steps than a pretrained one.
CLASSIFICATION_SCRATCH: Final = {
    "image_size": 64,
    "epochs": 30,
    "learning_rate": 3e-3,
    "dropout": 0.1,
}
# A champion's checkpoint already knows the task; half the step keeps what it knows.
CLASSIFICATION_WARM: Final = {"epochs": 4, "learning_rate": 5e-4}
CLASSIFICATION_WARM_SCRATCH: Final = {"epochs": 12, "learning_rate": 1e-3}

DETECTION_SCRATCH: Final[Mapping[str, Any]] = {"epochs": 100}
SEGMENTATION_SCRATCH: Final[Mapping[str, Any]] = {"epochs": 60, "learning_rate": 3e-3}
SEGMENTATION_WARM: Final = {"epochs": 10, "learning_rate": 5e-4}
DETECTION_WARM: Final = {"epochs": 10, "learning_rate": 1e-3}
