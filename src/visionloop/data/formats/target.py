"""The folder that a format is written into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from visionloop.data.formats.entities import LabeledImage
from visionloop.data.formats.errors import ExportInvalid


class ExportTarget:
    """Takes annotation files and, where wanted, the images themselves.

    Args:
        folder: an empty folder.
        image_root: address of the folder that the images will lie in, for formats that name images
            by an address, e.g. "azureml://datastores/photos/paths/".
        read_image: returns the bytes of an image, None when they cannot be had; leave it out to
            write annotations alone.
    """

    def __init__(
        self,
        folder: Path,
        read_image: Callable[[LabeledImage], bytes | None] | None = None,
        *,
        image_root: str = "",
    ) -> None:
        self.folder = folder
        self.image_root = image_root
        self._read_image = read_image
        self.missing: list[str] = []
        self.num_images = 0

    @property
    def with_images(self) -> bool:
        """Tell whether image files are written, too."""
        return self._read_image is not None

    def place(self, path: str) -> Path:
        """Return the file of a relative path and make its folder.

        Raises:
            ExportInvalid: the path leads out of the folder.
        """
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or "\x00" in path:
            raise ExportInvalid(f"{path!r} is no path below the export")
        file = self.folder.joinpath(*parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def open_text(self, path: str) -> IO[str]:
        """Open a text file for writing; UTF-8, and line ends as written."""
        return self.place(path).open("w", encoding="utf-8", newline="")

    def add_image(self, path: str, image: LabeledImage) -> None:
        """Copy an image to a path, where images are wanted; note it when it cannot be read."""
        data = self.image_bytes(image)
        if data is not None:
            self.place(path).write_bytes(data)

    def image_bytes(self, image: LabeledImage) -> bytes | None:
        """Return the bytes of an image; None where none are wanted or none can be had."""
        if self._read_image is None:
            return None
        data = self._read_image(image)
        if data is None:
            self.missing.append(image.name)
        else:
            self.num_images += 1
        return data


class Names:
    """Gives every image a name of its own where the format cannot keep all of them apart.

    Args:
        flat: drop the folders.
        by_stem: names must differ without their ending.
    """

    def __init__(self, *, flat: bool = False, by_stem: bool = False) -> None:
        self._flat, self._by_stem = flat, by_stem
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """Return the name, with a number before its ending where it is taken."""
        path = PurePosixPath(name)
        folder = "" if self._flat or str(path.parent) == "." else f"{path.parent}/"
        stem, number = path.stem, 1
        while (key := self._key(folder, stem, path.suffix)) in self._taken:
            number += 1
            stem = f"{path.stem}-{number}"
        self._taken.add(key)
        return f"{folder}{stem}{path.suffix}"

    def _key(self, folder: str, stem: str, suffix: str) -> str:
        return folder + stem if self._by_stem else folder + stem + suffix
