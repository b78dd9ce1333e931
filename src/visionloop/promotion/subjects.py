"""What a promotion needs to know from the registry."""

from __future__ import annotations

from visionloop.promotion.entities import Champion
from visionloop.storage.database import Database


def find_digest(database: Database, project: str, model: str, version: int) -> str:
    """Return the digest of a registered version.

    Raises:
        ModelVersionNotFound: There is no such version.
    """
    from visionloop.admin.entities import SYSTEM
    from visionloop.registry.versions import get_version

    return get_version(database, SYSTEM, project, model=model, version=version).digest


def find_champion(database: Database, project: str, model: str) -> Champion | None:
    """Return the version under the alias ``champion``, None at first."""
    raise NotImplementedError


def set_champion(database: Database, project: str, champion: Champion) -> None:
    """Point the alias ``champion`` to a version; doing it twice is doing it once."""
    raise NotImplementedError
