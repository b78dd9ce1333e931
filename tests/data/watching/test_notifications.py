from __future__ import annotations

import json
from typing import Any

import pytest

from visionloop.data.connections.addresses import parse_address
from visionloop.data.watching.entities import Change
from visionloop.data.watching.errors import NotificationInvalid
from visionloop.data.watching.notifications import parse_notification
from visionloop.data.watching.rules import concerns

BLOB = "/blobServices/default/containers/photos/blobs/line-1/a b.jpg"
RECORD = {
    "eventName": "ObjectCreated:Put",
    "s3": {"bucket": {"name": "photos"}, "object": {"key": "line-1/a+b%C3%BC.jpg"}},
}
EVENT_GRID = [{"eventType": "Microsoft.Storage.BlobCreated", "subject": BLOB, "data": {}}]
CLOUD_EVENT = {"specversion": "1.0", "type": "Microsoft.Storage.BlobDeleted", "subject": BLOB}
EVENT_BRIDGE = {
    "detail-type": "Object Created",
    "source": "aws.s3",
    "detail": {"bucket": {"name": "photos"}, "object": {"key": "line-1/a b.jpg"}},
}
MINIO = {
    "EventName": "s3:ObjectRemoved:Delete",
    "Key": "photos/line-1/a",
    "Records": [RECORD | {"eventName": "s3:ObjectRemoved:Delete"}],
}


def parse(document: object, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_notification(json.dumps(document).encode(), named)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (EVENT_GRID, Change("photos", "line-1/a b.jpg", "created")),
        (CLOUD_EVENT, Change("photos", "line-1/a b.jpg", "deleted")),
        ([CLOUD_EVENT], Change("photos", "line-1/a b.jpg", "deleted")),
        (EVENT_BRIDGE, Change("photos", "line-1/a b.jpg", "created")),
        ({"Records": [RECORD]}, Change("photos", "line-1/a bü.jpg", "created")),
        (MINIO, Change("photos", "line-1/a bü.jpg", "deleted")),
        (
            {"Type": "Notification", "Message": json.dumps({"Records": [RECORD]})},
            Change("photos", "line-1/a bü.jpg", "created"),
        ),
    ],
)
def test_every_store_is_understood(document: object, expected: Change) -> None:
    assert parse(document).changes == (expected,)


def test_a_cloud_event_may_stand_in_the_headers() -> None:
    found = parse({"api": "PutBlob"}, ce_type="Microsoft.Storage.BlobCreated", ce_subject=BLOB)
    assert found.changes == (Change("photos", "line-1/a b.jpg", "created"),)


def test_handshakes_are_answered() -> None:
    asked = {
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": {"validationCode": "512d38b6"},
    }
    assert parse([asked]).validation_code == "512d38b6"
    url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
    assert parse({"Type": "SubscriptionConfirmation", "SubscribeURL": url}).confirmation_url == url
    assert parse({"Event": "s3:TestEvent"}).changes == ()


def test_what_concerns_nobody_is_passed_over() -> None:
    assert (
        parse([{"eventType": "Microsoft.Storage.BlobTierChanged", "subject": BLOB}]).changes == ()
    )
    assert parse({"Records": [RECORD | {"eventName": "ObjectTagging:Put"}]}).changes == ()


@pytest.mark.parametrize(
    "document",
    [
        [],
        3,
        ["text"],
        {"hello": "world"},
        {"Records": [3]},
        {"Records": [{"s3": None}]},
        {"detail-type": "Object Created"},
        {"Type": "Notification", "Message": "no json"},
        {"Type": "Notification", "Message": json.dumps({"Type": "Notification"})},
        {"Type": "SubscriptionConfirmation", "SubscribeURL": "https://inside.example/x"},
        {"Type": "SubscriptionConfirmation", "SubscribeURL": "http://sns.x.amazonaws.com/"},
        {"Type": "SubscriptionConfirmation", "SubscribeURL": "https://sns.x.amazonaws.com.evil/"},
    ],
)
def test_anything_else_is_refused(document: object) -> None:
    with pytest.raises(NotificationInvalid):
        parse(document)


def test_a_change_concerns_the_watches_above_it() -> None:
    address = parse_address("s3://photos/line-1")
    assert concerns(Change("photos", "line-1/x/a.jpg", "created"), address, "")
    assert concerns(Change("photos", "line-1/x/a.jpg", "created"), address, "x")
    assert not concerns(Change("photos", "line-1/xy/a.jpg", "created"), address, "x")
    assert not concerns(Change("photos", "line-10/a.jpg", "created"), address, "")
    assert not concerns(Change("other", "line-1/a.jpg", "created"), address, "")
