"""Lists of image addresses on the web."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.data.connections.conftest import Check
from visionloop.data.connections.errors import FileRefused
from visionloop.data.connections.lists import ListDatastore, parse_list
from visionloop.data.errors import DatastoreUnavailable


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Address of a web server for the folder ``site``."""
    folder = tmp_path / "site"
    (folder / "img").mkdir(parents=True)
    (folder / "img" / "a b.jpg").write_bytes(b"a")
    (folder / "img" / "c.jpg").write_bytes(b"cc")

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_text_list_is_read(site: str, tmp_path: Path) -> None:
    text = "# photos\nimg/a%20b.jpg\n\n/img/c.jpg\nftp://elsewhere/x.jpg\nimg/gone.jpg\n"
    (tmp_path / "site" / "list.txt").write_text(text)
    opened = ListDatastore("web", f"{site}/list.txt", allow_private=True)
    host = site.removeprefix("http://")
    paths = [file.path for file in opened.list_files()]
    assert paths == [
        f"{host}/img/a%20b.jpg",
        f"{host}/img/c.jpg",
        "ftp://elsewhere/x.jpg",
        f"{host}/img/gone.jpg",
    ]
    assert [opened.read(path) for path in paths[:2]] == [b"a", b"cc"]
    with pytest.raises(FileRefused, match="read over http"):
        opened.read(paths[2])
    with pytest.raises(FileNotFoundError):
        opened.read(paths[3])
    assert len(list(opened.list_files(f"{host}/img"))) == 3


def test_a_csv_list_tells_when_an_image_changed() -> None:
    base = "https://example.com/list.csv"
    found = list(parse_list("id,URL,etag\n1,a.jpg,v1\n2,https://other.org/b.jpg?x=1,\n", base))
    assert [(file.path, file.modified) for file in found] == [
        ("example.com/a.jpg", "v1"),
        ("other.org/b.jpg?x=1", ""),
    ]
    bare = list(parse_list("https://a.org/1.jpg,cat\nhttps://a.org/2.jpg,dog\n", base))
    assert [file.path for file in bare] == ["a.org/1.jpg", "a.org/2.jpg"]


def test_what_is_wrong_is_said(check: Check, site: str, tmp_path: Path) -> None:
    (tmp_path / "site" / "list.txt").write_text("img/c.jpg\n")
    (tmp_path / "site" / "none.txt").write_text("# nothing\n")
    (tmp_path / "site" / "gone.txt").write_text("img/gone.jpg\n")
    (tmp_path / "site" / "bad.txt").write_bytes(b"\xff\xfe\x00")
    cases = {
        "list.txt": "ok",
        "none.txt": "empty",
        "gone.txt": "file_missing",
        "bad.txt": "no_list_right",
        "missing.txt": "no_list_right",
    }
    for name, code in cases.items():
        found = check(f"{site}/{name}")
        assert found.code == code, found
    assert check("http://127.0.0.1:9/list.txt").code == "unreachable"
    assert check("https://nowhere.invalid/list.txt", allow_private=False).code == "host_unknown"


def test_our_own_network_is_closed_unless_allowed(site: str, check: Check) -> None:
    inside = site.replace("http://", "https://")
    found = check(f"{inside}/list.txt", allow_private=False)
    assert found.code == "address_refused"
    assert "--allow-private" in found.remedy
    opened = ListDatastore("web", "https://example.com/list.txt", allow_private=False)
    with pytest.raises(FileRefused, match="private"):
        opened.read(inside.removeprefix("https://") + "/img/c.jpg")
    with pytest.raises(DatastoreUnavailable, match="nobody answers"):
        list(ListDatastore("web", "http://127.0.0.1:9/x.txt", allow_private=True).list_files())
