from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from visionloop.data.connections.errors import AddressRefused
from visionloop.data.connections.network import HostUnknown, guarded_client, is_public, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "::1", "fe80::1", "fd00:ec2::254", "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_our_own_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f000001", "2130706433", "[::1]"])
def test_every_way_to_write_loopback_is_refused(host: str) -> None:
    with pytest.raises((AddressRefused, HostUnknown)):
        resolve(host, 80, allow_private=False)


def test_an_unknown_host_is_told_apart() -> None:
    with pytest.raises(HostUnknown, match=r"nowhere\.invalid"):
        resolve("nowhere.invalid", 443, allow_private=True)


class _Redirecting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/here":
            body = self.headers["Host"].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_response(302)
        self.send_header("Location", "/here")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Redirecting) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://localhost:{listening.server_port}"
        listening.shutdown()
        thread.join()


def test_a_guarded_client_reaches_inside_only_when_allowed(server: str) -> None:
    with guarded_client(allow_private=False) as client:
        with pytest.raises(AddressRefused, match="HTTP"):
            client.get(server)
        with pytest.raises(AddressRefused, match="private"):
            client.get(server.replace("http", "https"))
    with guarded_client(allow_private=True) as client:
        answer = client.get(server)
    # The name was resolved by us, and is still what the server is asked for.
    assert answer.text == httpx.URL(server).netloc.decode()
    assert str(answer.url).endswith("/here")
