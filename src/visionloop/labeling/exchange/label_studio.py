"""Label Studio over its REST API: projects, tasks, annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from visionloop.data.entities import AnnotationDraft
from visionloop.data.formats.label_studio.regions import Result, region_draft, region_of
from visionloop.labeling.exchange.entities import OutgoingImage, RemoteImage
from visionloop.labeling.exchange.errors import ExchangeFailed
from visionloop.labeling.exchange.http import RestConnection
from visionloop.labeling.exchange.ports import ExchangeOptions

_PAGE: Final = 100
_BATCH: Final = 20
_OUR_NAME: Final = re.compile(r"([0-9a-f]{64})")


class LabelStudio:
    """Implements :class:`visionloop.labeling.exchange.ports.LabelExchange`.

    Args:
        options: address, access token and number of the project there. Legacy tokens and personal
            access tokens both work; a personal one is traded for a short-lived one first.
    """

    def __init__(self, options: ExchangeOptions) -> None:
        self._project = options.remote_project
        self._connection = RestConnection(options.url, {"Authorization": _authorise(options)})

    def list_images(self) -> list[RemoteImage]:
        """Return the tasks whose file is one of ours, with their newest annotation."""
        found: list[RemoteImage] = []
        page, total = 1, 1
        while len(found) < total:
            answer = self._connection.request(
                "GET",
                "/api/tasks",
                params={
                    "project": self._project, "page": page, "page_size": _PAGE, "fields": "all",
                },
            )  # fmt: skip
            total = int(answer["total"])
            tasks = answer["tasks"]
            found += [remote for task in tasks if (remote := _remote(task)) is not None]
            if page * _PAGE >= total or not tasks:
                break
            page += 1
        return found

    def send_images(self, images: Sequence[OutgoingImage]) -> None:
        """Upload files; Label Studio makes a task of each."""
        for start in range(0, len(images), _BATCH):
            files = [
                ("file", (image.file_name, image.data or b"", _media_type(image.file_name)))
                for image in images[start : start + _BATCH]
            ]
            for part in files:
                self._connection.request(
                    "POST", f"/api/projects/{self._project}/import", files=[part]
                )

    def write_labels(self, remote: RemoteImage, image: OutgoingImage) -> None:
        """Replace the newest annotation of a task, or make its first."""
        size = (image.width, image.height)
        results: list[Result] = []
        for number, draft in enumerate(image.annotations):
            results += region_of(draft, draft.external_id or f"vl{number}", size)
        task = self._connection.request("GET", f"/api/tasks/{remote.remote_id}")
        newest = _newest(task)
        if newest is None:
            path, method = f"/api/tasks/{remote.remote_id}/annotations/", "POST"
        else:
            path, method = f"/api/annotations/{newest['id']}/", "PATCH"
        self._connection.request(method, path, json={"result": results})

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()


def _authorise(options: ExchangeOptions) -> str:
    if options.token.count(".") != 2:
        return f"Token {options.token}"
    # A personal access token is a refresh token (JWT).
    connection = RestConnection(options.url, {})
    try:
        answer = connection.request("POST", "/api/token/refresh", json={"refresh": options.token})
    finally:
        connection.close()
    return f"Bearer {answer['access']}"


def _remote(task: Mapping[str, Any]) -> RemoteImage | None:
    names = [str(value) for value in (task.get("data") or {}).values()]
    matches = [match for name in names if (match := _OUR_NAME.search(PurePosixPath(name).name))]
    if not matches:
        return None
    newest = _newest(task)
    drafts = () if newest is None else read_results(newest.get("result") or [])
    stamp = "" if newest is None else f"{newest['id']} {newest.get('updated_at')}"
    return RemoteImage(matches[0].group(1), str(task["id"]), stamp, drafts)


def _newest(task: Mapping[str, Any]) -> Mapping[str, Any] | None:
    done = [item for item in task.get("annotations") or () if not item.get("was_cancelled")]
    return max(done, key=lambda item: str(item.get("updated_at")), default=None)


def read_results(results: Sequence[Result]) -> tuple[AnnotationDraft, ...]:
    """Return the labels that the regions of an annotation say."""
    drafts = []
    for result in results:
        if result.get("parentID"):
            continue
        parts = [part for part in results if part.get("parentID") == result.get("id")]
        draft = region_draft(result, parts)
        if draft is not None:
            drafts.append(draft)
    return tuple(drafts)


def _media_type(name: str) -> str:
    return "image/png" if name.endswith(".png") else "image/jpeg"


def open_label_studio(options: ExchangeOptions) -> LabelStudio:
    """Open a project of a Label Studio server.

    Raises:
        ExchangeFailed: It does not answer, or refuses the token.
    """
    exchange = LabelStudio(options)
    if not options.remote_project.isdigit():
        raise ExchangeFailed(options.url, f"{options.remote_project!r} is no project number")
    return exchange
