"""Pure decisions of watches: what is new, changed or gone, and when to look again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from visionloop.data.connections.addresses import Address
from visionloop.data.connections.reading import StoredFile
from visionloop.data.entities import Watch
from visionloop.data.refusals import mark_of
from visionloop.data.watching.entities import Change, Look

SWEEP_EVERY: Final = timedelta(hours=1)
WAIT_FOR_JOB: Final = timedelta(seconds=10)
LEAST_EVERY_S: Final = 10
MOST_EVERY_S: Final = 7 * 24 * 3600
_MANY_FILES: Final = 10
_LONGEST_WAIT_S: Final = 3600.0

Known = Mapping[str, tuple[int, str, str]]
"""Path to (size, modification mark, image id) of a file that was taken in."""


def needs_sweep(watch: Watch, now: datetime) -> bool:
    """Tell whether a look must list all files, and not only those behind the cursor."""
    if not watch.ascending or watch.cursor is None or watch.swept_at is None:
        return True
    return now - watch.swept_at >= SWEEP_EVERY


def compare(
    files: Iterable[StoredFile], known: Known, refused: Mapping[str, str], *, is_sweep: bool
) -> Look:
    """Compare a listing of images with what was taken in before.

    Args:
        files: what was listed.
        known: what was taken in.
        refused: path to the mark of a file that was refused, and is not worth another try.
        is_sweep: the listing is complete.
    """
    listed: dict[str, StoredFile] = {file.path: file for file in files}
    new = [
        path
        for path, file in listed.items()
        if path not in known and refused.get(path) != mark_of(file)
    ]
    changed = [
        path
        for path, file in listed.items()
        if path in known and known[path][:2] != (file.size_bytes, file.modified)
    ]
    missing = [path for path in known if path not in listed] if is_sweep else []
    return Look(
        num_files=len(listed),
        new=tuple(sorted(new)),
        changed=tuple(sorted(changed)),
        missing=tuple(sorted(missing)),
        last=max(listed, default=None),
        is_sweep=is_sweep,
    )


def is_suspicious(look: Look, num_known: int) -> bool:
    """Tell whether a place looks empty that was not: more likely unmounted than cleared."""
    return look.is_sweep and look.num_files == 0 and num_known >= _MANY_FILES


def lies_below(path: str, folder: str) -> bool:
    """Tell whether a file lies below a folder of its datastore."""
    return not folder or path.startswith(f"{folder}/")


def concerns(change: Change, address: Address, folder: str) -> bool:
    """Tell whether a change that a store tells of lies in a watched place."""
    if address.container != change.container:
        return False
    whole = "/".join(part for part in (address.prefix, folder) if part)
    return lies_below(change.path, whole)


def next_look(watch: Watch, now: datetime, *, num_failures: int = 0) -> datetime:
    """Return when to look again; after failures less and less often, an hour at most."""
    wait_s = float(watch.every_s)
    if num_failures:
        wait_s = max(wait_s, min(wait_s * 2.0 ** min(num_failures, 10), _LONGEST_WAIT_S))
    return now + timedelta(seconds=wait_s)
