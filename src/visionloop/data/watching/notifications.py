"""Notifications of object stores: Event Grid, CloudEvents, EventBridge, SNS, S3 and MinIO.

They only say where to look sooner; what is there is always read from the store itself, so that a
lost, doubled or forged notification changes nothing but the time of the next look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit

from visionloop.data.watching.entities import Action, Change, Notification
from visionloop.data.watching.errors import NotificationInvalid

_VALIDATION: Final = "Microsoft.EventGrid.SubscriptionValidationEvent"
_AZURE_SUBJECT: Final = re.compile(r"/containers/([^/]+)/blobs/(.+)$")
_AZURE_ACTIONS: Final[Mapping[str, Action]] = {
    "Microsoft.Storage.BlobCreated": "created",
    "Microsoft.Storage.BlobRenamed": "created",
    "Microsoft.Storage.BlobDeleted": "deleted",
}
_SNS_HOST: Final = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")


def parse_notification(body: bytes, headers: Mapping[str, str]) -> Notification:
    """Read what a store sent.

    Args:
        body: the request body.
        headers: its headers with names in lower case.

    Raises:
        NotificationInvalid: no JSON, or of no known form.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise NotificationInvalid("it is no JSON") from None
    if headers.get("ce-type") and isinstance(document, dict):  # CloudEvents in binary mode
        names = ("type", "subject", "source")
        document = {name: headers.get(f"ce-{name}", "") for name in names} | {"data": document}
    events = document if isinstance(document, list) else [document]
    if not events or not all(isinstance(event, dict) for event in events):
        raise NotificationInvalid("it holds no events")
    changes: list[Change] = []
    for event in events:
        if _text(event, "eventType") == _VALIDATION:
            return Notification(validation_code=_text(event.get("data"), "validationCode"))
        if _text(event, "Type") == "SubscriptionConfirmation":
            return Notification(confirmation_url=_confirmation(event))
        changes.extend(_changes(event))
    return Notification(tuple(changes))


def _changes(event: Mapping[str, Any]) -> Iterator[Change]:
    kind = _text(event, "eventType") or _text(event, "type")
    if kind.startswith("Microsoft."):
        yield from _azure(kind, event)
    elif _text(event, "Type") == "Notification":
        yield from _changes(_parsed(_text(event, "Message")))
    elif "detail-type" in event:
        yield from _event_bridge(event)
    elif isinstance(event.get("Records"), list):
        for record in event["Records"]:
            yield from _record(record)
    elif _text(event, "Event") != "s3:TestEvent":
        raise NotificationInvalid(
            f"its fields are {', '.join(map(str, list(event)[:8])) or 'none'}"
        )


def _azure(kind: str, event: Mapping[str, Any]) -> Iterator[Change]:
    found = _AZURE_SUBJECT.search(_text(event, "subject"))
    if found and kind in _AZURE_ACTIONS:
        yield Change(found[1], found[2], _AZURE_ACTIONS[kind])


def _event_bridge(event: Mapping[str, Any]) -> Iterator[Change]:
    detail = event.get("detail")
    if not isinstance(detail, dict):
        raise NotificationInvalid("it has no detail")
    bucket, key = _text(detail.get("bucket"), "name"), _text(detail.get("object"), "key")
    action = _s3_action(_text(event, "detail-type"))
    if bucket and key and action:
        yield Change(bucket, key, action)


def _record(record: object) -> Iterator[Change]:
    place = record.get("s3") if isinstance(record, dict) else None
    if not isinstance(place, dict) or not isinstance(record, dict):
        raise NotificationInvalid("a record has no s3 part")
    bucket, key = _text(place.get("bucket"), "name"), _text(place.get("object"), "key")
    action = _s3_action(_text(record, "eventName"))
    if bucket and key and action:
        yield Change(bucket, unquote_plus(key), action)


def _s3_action(name: str) -> Action | None:
    """Read ``ObjectCreated:Put``, ``s3:ObjectRemoved:Delete`` and ``Object Created`` alike."""
    words = name.removeprefix("s3:").replace(" ", "")
    if words.startswith("ObjectCreated"):
        return "created"
    return "deleted" if words.startswith(("ObjectRemoved", "ObjectDeleted")) else None


def _confirmation(event: Mapping[str, Any]) -> str:
    """Return the address that confirms a subscription, which must be Amazon's own."""
    url = _text(event, "SubscribeURL")
    parts = urlsplit(url)
    if parts.scheme != "https" or not _SNS_HOST.fullmatch(parts.hostname or ""):
        raise NotificationInvalid("its SubscribeURL is no https address of sns.*.amazonaws.com")
    return url


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or _text(document, "Type") == "Notification":
        raise NotificationInvalid("its Message holds no event")
    return document


def _text(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""
