"""What the datastore routes take and give; credentials go in and never come out."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Credentials = dict[str, SecretStr]


class _Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class DatastoreCreate(_Schema):
    """A place to read images from."""

    name: str = Field(min_length=2, max_length=63)
    url: str = Field(
        min_length=1,
        max_length=1000,
        description="A folder, s3://, gs://, az://, abfss://, or the https:// address of a list",
    )
    auth: str = Field(
        default="",
        max_length=40,
        description="How to sign in; by default with the environment of the server",
    )
    options: dict[str, str] = Field(
        default_factory=dict, description="For example endpoint, region, account; no secrets"
    )
    credentials: Credentials = Field(
        default_factory=dict, description="Secrets of the method; kept sealed, never returned"
    )
    allow_private: bool = Field(
        default=False, description="Allow addresses inside the server's network; administrators"
    )


class DatastoreCredentials(_Schema):
    """New credentials in place of those before."""

    credentials: Credentials


class DatastoreOut(_Schema):
    """A registered place that images are read from."""

    project: str
    name: str
    url: str
    kind: str
    auth: str
    options: dict[str, str]
    allow_private: bool
    has_credentials: bool
    rotated_at: datetime | None
    rotated_by: str | None
    created_by: str
    created_at: datetime


class DatastoreList(_Schema):
    """The datastores of a project."""

    items: list[DatastoreOut]
    total: int


class DatastoreCheckOut(_Schema):
    """What a connection test found, or what is wrong and how to mend it."""

    name: str
    reachable: bool
    code: str
    message: str
    remedy: str
    num_files_seen: int
    sample: list[str]


class AuthMethodOut(_Schema):
    """One way to sign in to a kind of store."""

    kind: str
    auth: str
    summary: str
    secrets: list[str]
    optional_secrets: list[str]
    options: list[str]


class AuthMethodList(_Schema):
    """Every way to sign in."""

    items: list[AuthMethodOut]
