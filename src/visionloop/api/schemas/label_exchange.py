"""What the routes of exchanges take and give."""

from __future__ import annotations

from pydantic import Field, SecretStr

from visionloop.api.schemas.common import Schema


class ExchangeSync(Schema):
    """Where the other tool is; the token is used once and not kept."""

    exchange: str = Field(description="label-studio, cvat, or a plugin")
    url: str = Field(pattern=r"^https?://", max_length=500)
    token: SecretStr
    remote_project: str = Field(max_length=50, description="Project or task number there")
    queue: str = Field(max_length=63)


class RefusedLabels(Schema):
    """Labels of one image that could not be taken."""

    image_id: str
    reason: str


class ExchangeReportOut(Schema):
    """What a sync did."""

    num_sent: int
    num_pushed: int
    num_pulled: int
    num_unchanged: int
    conflicts: list[str]
    refused: list[RefusedLabels]


class ExchangeList(Schema):
    """The tools that labels can be exchanged with."""

    items: list[str]
    total: int
