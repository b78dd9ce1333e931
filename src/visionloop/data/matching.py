"""Find the images of a project that an annotation file means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from visionloop.data.entities import Image
from visionloop.data.formats.entities import LabeledImage
from visionloop.data.formats.labels import PathIndex
from visionloop.data.store import images as store
from visionloop.storage.database import Transaction

MatchBy = Literal["auto", "digest", "uri", "name"]
MATCHES: Final = ("auto", "digest", "uri", "name")
_NOT_THERE: Final = "no image of the project"
_SEVERAL: Final = "several images of the project"


@dataclass
class Matcher:
    """Matches batches of a file's images with those of a project.

    The surest sign decides: the digest of the image file, then its URI, then its path, then its
    bare name where only one image has it.

    Attributes:
        by: only by this sign; "auto" tries them in order.
    """

    tx: Transaction
    project: str
    by: MatchBy = "auto"
    _index: PathIndex | None = None
    _ids: dict[str, list[str]] = field(default_factory=dict)

    def match(self, batch: Sequence[LabeledImage]) -> list[tuple[LabeledImage, Image | str]]:
        """Return every image of the file with that of the project, or with why there is none."""
        found: dict[int, Image] = {}
        if self.by in ("auto", "digest"):
            found |= self._by_digest(batch)
        if self.by in ("auto", "uri"):
            found |= self._by_uri([(i, x) for i, x in enumerate(batch) if i not in found])
        rest = [(i, image) for i, image in enumerate(batch) if i not in found]
        problems: dict[int, str] = {}
        if self.by in ("auto", "name"):
            problems = self._by_name(rest, found)
        return [
            (image, found[i] if i in found else problems.get(i, _NOT_THERE))
            for i, image in enumerate(batch)
        ]

    def _by_digest(self, batch: Sequence[LabeledImage]) -> dict[int, Image]:
        wanted = {i: image.digest for i, image in enumerate(batch) if image.digest}
        known = store.find_images(self.tx, self.project, sorted(set(wanted.values())))
        return {i: known[digest] for i, digest in wanted.items() if digest in known}

    def _by_uri(self, rest: Sequence[tuple[int, LabeledImage]]) -> dict[int, Image]:
        named = {i: image.uri or image.name for i, image in rest}
        wanted = {i: uri for i, uri in named.items() if "://" in uri}
        known = store.find_images_by(self.tx, self.project, "uri", sorted(set(wanted.values())))
        return {i: known[uri][0] for i, uri in wanted.items() if len(known.get(uri, ())) == 1}

    def _by_name(
        self, rest: Sequence[tuple[int, LabeledImage]], found: dict[int, Image]
    ) -> dict[int, str]:
        names = sorted({image.name for _, image in rest})
        known = store.find_images_by(self.tx, self.project, "name", names)
        problems: dict[int, str] = {}
        loose: dict[int, str] = {}
        for i, image in rest:
            same = known.get(image.name, [])
            if len(same) == 1:
                found[i] = same[0]
            elif same:
                problems[i] = _SEVERAL
            else:
                path, problem = self._names().find(image.name, near="")
                if path is None or len(self._ids[path]) > 1:
                    several = path is not None or "several" in (problem or "")
                    problems[i] = _SEVERAL if several else _NOT_THERE
                else:
                    loose[i] = self._ids[path][0]
        images = store.find_images(self.tx, self.project, sorted(set(loose.values())))
        found |= {i: images[image_id] for i, image_id in loose.items() if image_id in images}
        return problems

    def _names(self) -> PathIndex:
        """Return the index of all names; built only when some name is not a path of the project."""
        if self._index is None:
            for image_id, name in store.list_names(self.tx, self.project):
                self._ids.setdefault(name, []).append(image_id)
            self._index = PathIndex(list(self._ids))
        return self._index
