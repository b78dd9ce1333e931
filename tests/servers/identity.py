"""A machine's identity service and the stores that believe its tokens, as clouds offer them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-the-machine"
_ROLE = "/latest/meta-data/iam/security-credentials/"
_AZURE_LIST = """<?xml version="1.0" encoding="utf-8"?>
<EnumerationResults ContainerName="photos"><Blobs><Blob><Name>a.jpg</Name><Properties>
<Creation-Time>Mon, 30 Nov 2026 08:00:00 GMT</Creation-Time>
<Last-Modified>Mon, 30 Nov 2026 08:00:00 GMT</Last-Modified><Etag>0x1</Etag>
<Content-Length>3</Content-Length><Content-Type>image/jpeg</Content-Type>
<BlobType>BlockBlob</BlobType></Properties></Blob></Blobs><NextMarker/></EnumerationResults>"""
_S3_LIST = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult><Name>photos</Name><IsTruncated>false</IsTruncated><Contents><Key>a.jpg</Key>
<LastModified>2026-11-30T08:00:00.000Z</LastModified><ETag>"1"</ETag><Size>3</Size></Contents>
</ListBucketResult>"""


@dataclass
class Cloud:
    """A running service.

    Attributes:
        seen: what the server was asked for: method, path, form.
    """

    url: str
    seen: list[tuple[str, str, str]] = field(default_factory=list)


@contextmanager
def running_cloud() -> Iterator[Cloud]:
    """Run identity service and stores on one loopback port."""
    cloud = Cloud("")

    class Handler(_Handler):
        seen = cloud.seen

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        cloud.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield cloud
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, str]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.seen.append(("GET", parts.path, ""))
        query = parse_qs(parts.query)
        if parts.path == "/identity":
            self._answer(json.dumps(_token()))
        elif parts.path == _ROLE:
            self._answer("camera-role")
        elif parts.path.startswith(_ROLE):
            self._answer(json.dumps(_role_key()))
        elif "/photos" not in parts.path or not self._is_signed():
            self._answer("<Error><Code>AccessDenied</Code></Error>", 403)
        elif "comp" in query:
            self._answer(_AZURE_LIST)
        elif "list-type" in query:
            self._answer(_S3_LIST)
        else:
            self._answer("abc")

    def do_PUT(self) -> None:
        self.seen.append(("PUT", urlsplit(self.path).path, ""))
        self._answer("session-token")

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.seen.append(("POST", urlsplit(self.path).path, form))
        # The authority tells seconds as a number, the identity service of a machine as text.
        self._answer(json.dumps(_token() | {"expires_in": 3600}))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _is_signed(self) -> bool:
        signature = self.headers.get("Authorization", "")
        return signature == f"Bearer {TOKEN}" or "Credential=ROLEKEY/" in signature

    def _answer(self, text: str, status: int = 200) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Mon, 30 Nov 2026 08:00:00 GMT")
        self.end_headers()
        self.wfile.write(data)


def _token() -> dict[str, object]:
    return {
        "access_token": TOKEN,
        "expires_in": "3600",
        "expires_on": "1893456000",
        "resource": "https://storage.azure.com",
        "token_type": "Bearer",
    }


def _role_key() -> dict[str, str]:
    return {
        "Code": "Success",
        "Type": "AWS-HMAC",
        "AccessKeyId": "ROLEKEY",
        "SecretAccessKey": "x",
        "Token": "session",
        "LastUpdated": "2026-11-30T08:00:00Z",
        "Expiration": "2030-01-01T00:00:00Z",
    }
