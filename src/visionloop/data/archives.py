"""Zip files that strangers send and that exports are packed into."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

from visionloop.data.formats.errors import ArchiveRefused
from visionloop.data.formats.images import is_image_name

_MAX_FILES: Final = 5_000_000
_MAX_GROWTH: Final = 200
_SMALL_BYTES: Final = 1 << 30
_CHUNK_BYTES: Final = 1 << 20


def is_archive(path: Path) -> bool:
    """Tell whether a file is a zip file."""
    return zipfile.is_zipfile(path)


def unpack(path: Path, folder: Path) -> int:
    """Unpack a zip file into an empty folder and return the number of files.

    Raises:
        ArchiveRefused: it is broken or encrypted, leads out of the folder, holds links, or would
            grow beyond measure or beyond the disk.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_hostile(entries, path, folder)
            for entry in entries:
                target = folder.joinpath(*PurePosixPath(entry.filename).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file, _CHUNK_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ArchiveRefused(path.name, f"it cannot be read ({error})") from error
    return len(entries)


def pack(folder: Path, target: Path) -> None:
    """Pack a folder into a zip file; images hardly shrink, so they are stored as they are."""
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = file.relative_to(folder).as_posix()
            plain = is_image_name(name) or name.endswith(".parquet")
            how = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            archive.write(file, name, compress_type=how)


def _refuse_hostile(entries: list[zipfile.ZipInfo], path: Path, folder: Path) -> None:
    if len(entries) > _MAX_FILES:
        raise ArchiveRefused(path.name, f"it holds {len(entries):,} files, at most {_MAX_FILES:,}")
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0]:
            raise ArchiveRefused(path.name, f"{entry.filename!r} leads out of the archive")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ArchiveRefused(path.name, f"{entry.filename!r} is a link")
    total, packed = sum(entry.file_size for entry in entries), path.stat().st_size
    if total > _SMALL_BYTES and total > _MAX_GROWTH * packed:
        raise ArchiveRefused(path.name, f"{packed:,} bytes would become {total:,}")
    free = shutil.disk_usage(folder).free
    if total > free * 0.95:
        raise ArchiveRefused(path.name, f"it needs {total:,} bytes and {free:,} are free")
