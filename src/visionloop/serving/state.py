"""What a serving process has loaded, and how it follows its endpoint file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from visionloop.kernel.errors import VisionloopError
from visionloop.serving.configuration import EndpointFile, parse_endpoint_file
from visionloop.serving.errors import EndpointFileInvalid
from visionloop.serving.traffic import DeploymentTable, load_table

POLL_S = 0.25
_log = logging.getLogger(__name__)


class ServingState:
    """The endpoint file and the deployments loaded from it; replaced whole, never half.

    Args:
        path: The endpoint file.

    Raises:
        EndpointFileInvalid: the first file must be valid, because it names the address.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)
        self.file: EndpointFile = _read(path)
        self.table = DeploymentTable()
        self.last_error: str | None = None
        self.num_loads = 0

    def load(self) -> None:
        """Load what the present file names; packages that fail leave the old table."""
        self._apply(self.file)

    def reload_if_changed(self) -> bool:
        """Follow the file when it changed; keep the old state when the new one is bad.

        Returns:
            Whether a new state is in force.
        """
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            file = _read(self._path)
        except (OSError, VisionloopError) as error:
            self._report(error)
            return False
        if (file.endpoint, file.host, file.port) != (
            self.file.endpoint,
            self.file.host,
            self.file.port,
        ):
            self._report(EndpointFileInvalid("name, host and port change only with a restart"))
            return False
        return self._apply(file)

    async def follow(self, on_change: Callable[[], None]) -> None:
        """Watch the file until cancelled; models load in a thread, requests go on."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                if await asyncio.to_thread(self.reload_if_changed):
                    on_change()
            except Exception as error:  # the watch must outlive whatever one file does
                self._report(error)

    def _apply(self, file: EndpointFile) -> bool:
        try:
            table = load_table(file.deployments, self.table)
        except (OSError, VisionloopError) as error:
            self._report(error)
            return False
        # Two plain assignments; a request reads each once, and either pair is valid.
        self.table = table
        self.file = file
        self.last_error = None
        self.num_loads += 1
        shares = {name: d.entry.weight for name, d in table.deployments.items()}
        _log.info("endpoint %s serves %s", file.endpoint, shares)
        return True

    def _report(self, error: Exception) -> None:
        self.last_error = str(error)
        _log.error("kept the old state: %s", error)


def _read(path: Path) -> EndpointFile:
    return parse_endpoint_file(path.read_bytes())


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
