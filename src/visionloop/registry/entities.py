"""Model packages, registered models, versions, aliases and lineage as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

CHAMPION = "champion"
"""Alias of the version that production serves."""

CHALLENGER = "challenger"
"""Alias of the version that may replace it."""

LineageKind = Literal["dataset_version", "run", "evaluation", "model_version", "deployment"]


@dataclass(frozen=True)
class ParityEvidence:
    """How far the exported graph is from the checkpoint on the same images."""

    max_abs_difference: float
    tolerance: float
    num_images: int

    @property
    def passed(self) -> bool:
        """Tell whether the difference is rounding."""
        return self.max_abs_difference <= self.tolerance


@dataclass(frozen=True)
class DatasetReference:
    """The frozen data that a model learned from."""

    id: str
    name: str
    version: int
    digest: str


@dataclass(frozen=True)
class PackageFacts:
    """What a package says about itself that its files do not.

    Attributes:
        thresholds: operating point per class, where the project sets one.
    """

    name: str
    task: str
    run_id: str | None
    dataset: DatasetReference | None
    code_version: str
    metrics: Mapping[str, float]
    thresholds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelPackage:
    """The manifest of a package folder (D5); its digest is the model's identity.

    Attributes:
        folder: where the files lie.
        digest: sha256 of the canonical manifest.
        preprocessing: what `data.preprocessing.Preprocessing.from_dict` reads.
        parity: {max_abs_difference, tolerance, num_images, passed}.
        files: relative path -> sha256, every file but the manifest and the signature.
    """

    folder: Path
    digest: str
    name: str
    task: str
    labels: tuple[str, ...]
    preprocessing: Mapping[str, Any]
    thresholds: Mapping[str, float]
    dataset: Mapping[str, Any] | None
    run_id: str | None
    code_version: str
    metrics: Mapping[str, float]
    parity: Mapping[str, Any]
    files: Mapping[str, str]

    @property
    def model_path(self) -> Path:
        """The ONNX graph."""
        return self.folder / "model.onnx"

    @property
    def baseline_path(self) -> Path:
        """The reference that monitoring compares production with."""
        return self.folder / "baseline.parquet"

    @property
    def checkpoint_dir(self) -> Path:
        """Where fine-tuning goes on from."""
        return self.folder / "checkpoint"


@dataclass(frozen=True)
class PublicKey:
    """The key that checks this installation's signatures.

    Attributes:
        key_id: first 16 hexadecimal digits of the SHA-256 of the raw key.
        pem: SubjectPublicKeyInfo.
    """

    key_id: str
    algorithm: str
    pem: str


@dataclass(frozen=True)
class VerifiedPackage:
    """The result of reading every byte of a package again.

    Attributes:
        problems: what does not hold; empty when the package is what was signed.
    """

    digest: str
    key_id: str | None
    num_files: int
    size_bytes: int
    problems: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Tell whether the package is byte for byte what was signed here."""
        return not self.problems


@dataclass(frozen=True)
class RegisteredModel:
    """A named line of versions.

    Attributes:
        latest_version: highest number of a signed version so far.
        aliases: alias -> version number.
        tags: free facts about it.
    """

    project: str
    name: str
    description: str
    created_by: str
    created_at: datetime
    latest_version: int
    num_versions: int
    aliases: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelVersion:
    """One registered package.

    Attributes:
        version: counts up within the model, from 1.
        digest: of the package; names its folder.
        metrics: headline numbers of its evaluation.
        key_id: of the key that signed it.
    """

    id: str
    project: str
    model: str
    version: int
    digest: str
    task: str
    labels: tuple[str, ...]
    run_id: str | None
    evaluation_id: str | None
    dataset: DatasetReference | None
    metrics: Mapping[str, float]
    parity: ParityEvidence
    size_bytes: int
    num_files: int
    key_id: str
    notes: str
    created_by: str
    created_at: datetime
    aliases: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """The short form that people type: MODEL:NUMBER."""
        return f"{self.model}:{self.version}"


@dataclass(frozen=True)
class ExternalVersion:
    """Files that outside code registered under a model's name: loadable, never deployable.

    Attributes:
        source: where the files are, as the code named it: ``mlflow-artifacts:/...``.
    """

    project: str
    model: str
    version: int
    source: str
    run_id: str | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class VersionMark:
    """What people write about a version after it was registered."""

    description: str | None
    tags: Mapping[str, str]
    changed_at: datetime


@dataclass(frozen=True)
class CatalogEntry:
    """A version as a catalogue lists it, signed or not.

    Attributes:
        source: where its files are; None for a signed package.
    """

    model: str
    version: int
    source: str | None
    run_id: str | None
    description: str
    tags: Mapping[str, str]
    aliases: tuple[str, ...]
    created_by: str
    created_at: datetime
    changed_at: datetime

    @property
    def is_signed(self) -> bool:
        """Tell whether it is a package that was checked and signed here."""
        return self.source is None


@dataclass(frozen=True)
class VersionComparison:
    """Versions of one model side by side.

    Attributes:
        metrics: name -> value per version, None where a version has none.
        changed: name -> text per version, only where the versions differ.
    """

    versions: tuple[ModelVersion, ...]
    metrics: Mapping[str, tuple[float | None, ...]]
    changed: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class LineageNode:
    """One link of the chain from data to production.

    Attributes:
        id: of the thing itself; with ``kind`` it is unique in a lineage.
        name: what people call it.
        facts: a few words each, for a card.
    """

    kind: LineageKind
    id: str
    name: str
    created_by: str | None = None
    created_at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LineageEdge:
    """What came out of what; both ends are "kind/id"."""

    source: str
    target: str


@dataclass(frozen=True)
class Lineage:
    """The chain behind and after one model version."""

    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]
