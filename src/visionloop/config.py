"""Settings: one typed class, the only reader of the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from visionloop.kernel.errors import Invalid
from visionloop.storage.home import Home


class BadSettings(Invalid):
    """A setting has a value that makes no sense."""

    code = "bad_settings"

    def __init__(self, problems: dict[str, str]) -> None:
        told = "; ".join(
            f"{name} (VISIONLOOP_{name.upper()}): {why}" for name, why in problems.items()
        )
        super().__init__(f"Some settings cannot be used. {told}", problems=problems)


class Settings(BaseSettings):
    """Everything that can be set, each as ``VISIONLOOP_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(env_prefix="VISIONLOOP_", extra="ignore")

    home: Path = Field(
        default=Path(".visionloop"),
        description="Folder of the installation: database, images, packages, logs.",
    )
    host: str = Field(default="127.0.0.1", description="Address the control plane listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the control plane.")
    database_url: str | None = Field(
        default=None,
        description="postgresql://... for a team; the embedded SQLite file when not set.",
    )
    blob_url: str | None = Field(
        default=None,
        description="s3://, az:// or gs:// for a team; a folder in the home when not set.",
    )
    job_slots: int = Field(default=2, ge=1, description="Most jobs at the same time.")
    job_threads: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="Threads of one job's numeric libraries.",
    )
    url: str | None = Field(
        default=None, description="Address of the server that the command line talks to."
    )
    token: str | None = Field(default=None, description="API token of the command line.")
    session_cookie_secure: bool = Field(
        default=False, description="Send the session cookie over HTTPS only."
    )

    def resolve_database_url(self, home: Home) -> str:
        """Return the database to open."""
        return self.database_url or home.database_url

    def resolve_blob_url(self, home: Home) -> str:
        """Return the blob store to open."""
        return self.blob_url or str(home.blobs_dir)


def read_settings(**chosen: Any) -> Settings:
    """Return the settings of the environment, with what a command line chose on top.

    Args:
        **chosen: Values of settings; None stands for one that was not chosen.

    Raises:
        BadSettings: A value is not one that the setting takes.
    """
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})
    except ValidationError as error:
        problems = {
            str(item["loc"][0]): f"{item['msg'][:1].lower()}{item['msg'][1:]}, received "
            f"{item['input']!r}"
            for item in error.errors()
        }
        raise BadSettings(problems) from None
