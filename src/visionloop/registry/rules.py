"""Pure decisions of the registry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from visionloop.admin.entities import Permission
from visionloop.registry.entities import (
    CHAMPION,
    ModelVersion,
    RegisteredModel,
    VersionComparison,
)
from visionloop.registry.errors import AliasBad, ModelNameBad, ModelVersionNotFound

LATEST = "latest"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_ALIAS = re.compile(r"[a-z][a-z0-9-]{1,62}")


def check_model_name(name: str) -> None:
    """Refuse a name that does not fit a URL.

    Raises:
        ModelNameBad: It does not.
    """
    if not _NAME.fullmatch(name):
        raise ModelNameBad(name)


def check_alias(alias: str) -> None:
    """Refuse an alias that could be mistaken for a number, or for the newest version.

    Raises:
        AliasBad: It could.
    """
    if alias == LATEST or not _ALIAS.fullmatch(alias):
        raise AliasBad(alias)


def alias_right(alias: str) -> tuple[Permission, str]:
    """Return the right and the workspace that setting an alias takes.

    The champion is what passed the gates; a promotion names it. By hand takes an administrator.
    """
    if alias == CHAMPION:
        return Permission.BYPASS_GATES, "prod"
    return Permission.REGISTER_MODEL, "dev"


def choose_version(model: RegisteredModel, wanted: int | str) -> int:
    """Return the number that a number, an alias or "latest" means.

    Raises:
        ModelVersionNotFound: It means none.
    """
    text = str(wanted)
    if text.isdecimal():
        return int(text)
    if text == LATEST and model.latest_version:
        return model.latest_version
    if text in model.aliases:
        return model.aliases[text]
    raise ModelVersionNotFound(model.project, model.name, wanted)


def compare_versions(versions: Sequence[ModelVersion]) -> VersionComparison:
    """Put versions side by side: all metrics, and the facts in which they differ."""
    names = sorted({name for version in versions for name in version.metrics})
    facts = {
        "dataset": tuple(_dataset(version) for version in versions),
        "labels": tuple(", ".join(version.labels) for version in versions),
        "run": tuple(version.run_id or "" for version in versions),
        "size_bytes": tuple(str(version.size_bytes) for version in versions),
        "parity": tuple(f"{version.parity.max_abs_difference:.2g}" for version in versions),
        "aliases": tuple(", ".join(version.aliases) for version in versions),
        "created_by": tuple(version.created_by for version in versions),
    }
    return VersionComparison(
        versions=tuple(versions),
        metrics={name: tuple(v.metrics.get(name) for v in versions) for name in names},
        changed=_differing(facts),
    )


def _differing(facts: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: values for name, values in facts.items() if len(set(values)) > 1}


def _dataset(version: ModelVersion) -> str:
    dataset = version.dataset
    return "" if dataset is None else f"{dataset.name}:{dataset.version}"
