"""The home folder of an installation: where everything that is not a database row lives."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from visionloop.kernel.errors import Conflict, Unavailable
from visionloop.storage.secrets import KEY_FILE, Keyring


class HomeInUse(Conflict):
    """Another control plane runs on this home folder."""

    code = "home_in_use"

    def __init__(self, root: Path, holder: str) -> None:
        super().__init__(
            f"Visionloop already runs on {root} ({holder}). "
            f"Stop it with: visionloop down --home {root}; or start this one with another --home.",
            home=str(root),
            holder=holder,
        )


class HomeNotUsable(Unavailable):
    """The home folder cannot be made."""

    code = "home_not_usable"

    def __init__(self, root: Path, reason: str) -> None:
        super().__init__(
            f"I cannot use {root} as home folder: {reason}. "
            "Name a folder that you may write to, with --home or VISIONLOOP_HOME.",
            home=str(root),
        )


class Home:
    """Folder layout of one installation.

    Args:
        root: The folder; made when missing, readable by its owner only.

    Raises:
        HomeNotUsable: It is not there and cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise HomeNotUsable(self.root, error.strerror or str(error)) from None

    @property
    def blobs_dir(self) -> Path:
        """Content-addressed files."""
        return self._folder("blobs")

    @property
    def jobs_dir(self) -> Path:
        """One folder a job: log, progress, outputs."""
        return self._folder("jobs")

    @property
    def packages_dir(self) -> Path:
        """Registered model packages, one folder a digest."""
        return self._folder("packages")

    @property
    def endpoints_dir(self) -> Path:
        """Endpoint files, process ids and logs of online endpoints."""
        return self._folder("endpoints")

    @property
    def predictions_dir(self) -> Path:
        """Prediction logs, one folder an endpoint."""
        return self._folder("predictions")

    @property
    def keys_dir(self) -> Path:
        """Signing and encryption keys, readable by the owner only."""
        folder = self._folder("keys")
        folder.chmod(0o700)
        return folder

    @property
    def keyring(self) -> Keyring:
        """What seals secrets in the database."""
        return Keyring(self.keys_dir / KEY_FILE)

    @property
    def log_dir(self) -> Path:
        """Logs of the control plane."""
        return self._folder("logs")

    @property
    def database_url(self) -> str:
        """The embedded default database."""
        return f"sqlite:///{self.root / 'visionloop.db'}"

    @contextmanager
    def lock(self, holder: str) -> Iterator[None]:
        """Hold the home for one control plane; the kernel frees it however the process ends.

        Args:
            holder: What to tell a second one, for example ``process 4711, http://127.0.0.1:8080``.

        Raises:
            HomeInUse: Another process holds it.
        """
        path = self.root / "control-plane.lock"
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise HomeInUse(self.root, file.read().strip() or "another process") from None
            file.truncate(0)
            file.write(holder)
            file.flush()
            os.fsync(file.fileno())
            yield

    def _folder(self, name: str) -> Path:
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        return path
