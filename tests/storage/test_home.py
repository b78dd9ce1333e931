from __future__ import annotations

from pathlib import Path

import pytest

from visionloop.storage.blobs import BlobNotFound, BlobStore, StorageFull
from visionloop.storage.home import Home, HomeInUse


def test_a_second_control_plane_is_told_who_holds_the_home(home: Home) -> None:
    with home.lock("process 1, http://127.0.0.1:8080"):
        with pytest.raises(HomeInUse, match=r"http://127\.0\.0\.1:8080"):
            with Home(home.root).lock("process 2"):
                pass
    with Home(home.root).lock("process 2"):
        pass


def test_keys_are_for_the_owner_only(home: Home) -> None:
    assert home.keys_dir.stat().st_mode & 0o777 == 0o700
    assert home.root.stat().st_mode & 0o777 == 0o700


def test_blobs_are_content_addressed(blobs: BlobStore) -> None:
    digest = blobs.put(b"pixels")
    assert blobs.put(b"pixels") == digest
    assert blobs.get(digest) == b"pixels"
    path = blobs.local_path(digest)
    assert path is not None
    assert path.read_bytes() == b"pixels"


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", ""])
def test_unknown_and_hostile_digests_are_not_found(blobs: BlobStore, digest: str) -> None:
    with pytest.raises(BlobNotFound):
        blobs.get(digest)


def test_a_write_that_fails_is_one_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "blobs"
    store = BlobStore(str(folder))
    (folder / "sha256").write_text("a file where a folder must go, so that no write can succeed")
    with pytest.raises(StorageFull, match="what was stored before is safe"):
        store.put(b"pixels")
