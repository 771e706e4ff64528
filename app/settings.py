"""What an installation may set: ``GRANTS_*`` in the environment. The one reader of it, besides Temporal's own ``TEMPORAL_*``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from app.errors import MisusedError

PREFIX = "GRANTS_"
READ_ELSEWHERE = ("GRANTS_TEST_", "GRANTS_REQUIRE_")
"""What the tests and their set-up read."""

TEMPORAL = "TEMPORAL_"
"""What Temporal's own settings begin with; programs beside our own server get none of them."""

TEMPORAL_NAMED_BY = ("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE")


class Settings(BaseSettings):
    """Every setting has a default: with none given, everything lies in ``var`` and notices are printed."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    home: Path = Path("var")
    """Where all state of this installation lies."""

    record_url: str | None = None
    """The record; null: ``record.db`` in the home."""

    vault_url: str | None = None
    """The vault; null: ``vault.db`` in the home."""

    build: str = Field(default_factory=lambda: version("grants"))
    """The code that decides, as the record and Temporal name it."""

    log_format: Literal["json", "text"] | None = None
    """Null: text on a terminal, JSON elsewhere."""

    smtp_host: str | None = None
    """The mail server; null: notices are printed."""

    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the way to the mail server is made private; ``none`` only where it is private already."""

    smtp_username: str | None = None
    smtp_password: SecretStr | None = None

    mail_from: str = "grants@localhost"
    """The sender of notices."""

    rate_limit: Annotated[int, Field(ge=0, le=1_000_000)] = 600
    """Messages a minute that the gateway takes of one sender in the long run; 0: any number. Plays and adoptions are not counted."""

    rate_burst: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Messages that one sender may send at once."""

    mailboxes: dict[str, str] = Field(default_factory=dict)
    """The address of each office, as JSON: {"finance": "grants@example.org"}."""

    temporal_cli: Path | None = Field(default=None, validation_alias="TEMPORAL_CLI")
    """The program of the development server; null: the one that was set up, else ``temporal`` on the PATH."""


def read_settings() -> Settings:
    """The settings that the environment gives.

    Raises:
        MisusedError: some cannot be meant; each variable is named, its content is not.

    """
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        raise MisusedError(_said(error)) from error


def unknown_variables(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The names of ``GRANTS_*`` variables that nothing reads: most likely misspelt."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    return tuple(sorted(name for name in environment if name.startswith(PREFIX) and not name.startswith(READ_ELSEWHERE) and name not in known))


def temporal_is_named(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the standard settings name a Temporal server; else we run our own."""
    return any(environment.get(name) for name in TEMPORAL_NAMED_BY)


def environment_with(changes: Mapping[str, str], *, without: str | None = None) -> dict[str, str]:
    """The environment for a program that we start: ours, less what begins with ``without``, and with these changes."""
    kept = {name: value for name, value in os.environ.items() if without is None or not name.startswith(without)}
    return {**kept, **changes}


def _said(error: ValidationError | SettingsError) -> str:
    if isinstance(error, SettingsError):
        return f"a setting is not the JSON that it should be: {error}"
    return "; ".join(f"{PREFIX}{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors(include_input=False))
