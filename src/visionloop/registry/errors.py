"""Why a model is not registered, or not found, with what mends it."""

from __future__ import annotations

from collections.abc import Sequence

from visionloop.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class ModelNotFound(NotFound):
    """No such registered model in the project."""

    code = "model_not_found"

    def __init__(self, project: str, model: str) -> None:
        super().__init__(
            f"Project {project!r} has no model {model!r}. List models to see their names.",
            project=project,
            model=model,
        )


class ModelVersionNotFound(NotFound):
    """No such version of the model."""

    code = "model_version_not_found"

    def __init__(self, project: str, model: str, version: int | str) -> None:
        super().__init__(
            f"Model {model!r} of project {project!r} has no version {version!r}. Use a number, an "
            "alias such as 'champion', or 'latest'.",
            project=project,
            model=model,
            version=version,
        )


class ModelNameBad(Invalid):
    """A model's name does not fit."""

    code = "model_name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} cannot name a model; use 2 to 63 lower-case letters, digits and hyphens.",
            name=name,
        )


class AliasBad(Invalid):
    """An alias does not fit."""

    code = "model_alias"

    def __init__(self, alias: str) -> None:
        super().__init__(
            f"{alias!r} cannot be an alias; use 2 to 63 lower-case letters, digits and hyphens "
            "that begin with a letter, and not 'latest'.",
            alias=alias,
        )


class AliasNotFound(NotFound):
    """The model has no such alias."""

    code = "model_alias_not_found"

    def __init__(self, model: str, alias: str) -> None:
        super().__init__(f"Model {model!r} has no alias {alias!r}.", model=model, alias=alias)


class PackageIncomplete(Invalid):
    """Files are missing that every package must hold."""

    code = "package_incomplete"

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            f"The package cannot be registered: {', '.join(missing)} missing. Train and evaluate "
            "again; a finished run leaves them all.",
            missing=list(missing),
        )


class PackageUnsafe(Invalid):
    """A package holds a file that can run code when it is opened, or a link out of it."""

    code = "package_unsafe"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The package cannot be registered: {path!r} {reason}. Keep weights as safetensors "
            "and everything else as JSON, text, ONNX or Parquet.",
            path=path,
            reason=reason,
        )


class PackageDamaged(Conflict):
    """A package is not what its manifest or its signature says."""

    code = "package_damaged"

    def __init__(self, folder: str, problems: Sequence[str]) -> None:
        super().__init__(
            f"The package in {folder} is not what was registered: {'; '.join(problems)}. Restore "
            "it from a backup, or register the run again.",
            folder=folder,
            problems=list(problems),
        )


class PackageMissing(Unavailable):
    """The folder of a registered package is gone."""

    code = "package_missing"

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"The files of package {digest[:12]} are not on this machine. Restore the packages "
            "folder from a backup, or register the run again.",
            digest=digest,
        )


class GraphUnfit(Invalid):
    """The ONNX graph does not keep the contract of its task."""

    code = "model_graph_unfit"

    def __init__(self, reason: str, expected: str) -> None:
        super().__init__(
            f"The model cannot be registered: {reason}. Expected {expected}. Export it again with "
            "a built-in recipe, or give the graph these inputs and outputs.",
            reason=reason,
            expected=expected,
        )


class ParityFailed(Invalid):
    """The exported graph gives other scores than the checkpoint."""

    code = "export_parity_failed"

    def __init__(self, difference: float, tolerance: float, num_images: int) -> None:
        super().__init__(
            f"The model cannot be registered: its ONNX graph differs from its checkpoint by "
            f"{difference:.3g} on {num_images} images, and {tolerance:.3g} is tolerated. Export "
            "the trained checkpoint again and do not edit the graph; a larger difference means "
            "that production would not serve what was evaluated.",
            max_abs_difference=difference,
            tolerance=tolerance,
            num_images=num_images,
        )


class DigestTaken(Conflict):
    """The same package is registered under another model of the project."""

    code = "package_registered_elsewhere"

    def __init__(self, digest: str, model: str) -> None:
        super().__init__(
            f"Package {digest[:12]} is already registered as {model!r}.",
            digest=digest,
            model=model,
        )


class ModelExists(Conflict):
    """Names of models are unique within a project."""

    code = "model_exists"

    def __init__(self, project: str, model: str) -> None:
        super().__init__(
            f"Project {project!r} already has a model {model!r}. Register a version of it, or "
            "choose another name.",
            project=project,
            model=model,
        )


class VersionUnsigned(Conflict):
    """Files that outside code registered are no package: nobody checked or signed them."""

    code = "model_version_unsigned"

    def __init__(self, model: str, version: int) -> None:
        super().__init__(
            f"Version {version} of model {model!r} was registered by outside code and is no signed "
            "package, so it can be loaded but not compared, promoted or deployed. Train it with a "
            "recipe and register that run.",
            model=model,
            version=version,
        )


class VersionPermanent(Conflict):
    """Signed versions are evidence and stay."""

    code = "model_version_permanent"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"Model {model!r} has signed versions, which are the evidence behind promotions and "
            "stay. Only versions that outside code registered can be deleted.",
            model=model,
        )


class ModelTagNotFound(NotFound):
    """There is no tag of this name."""

    code = "model_tag_not_found"

    def __init__(self, owner: str, key: str) -> None:
        super().__init__(f"{owner} has no tag {key!r}.", owner=owner, key=key)
