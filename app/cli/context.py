"""What every command begins with: the settings, the home, and options that many of them share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from app.cli.out import say

if TYPE_CHECKING:
    from app.home import Home
    from app.settings import Settings

Found = TypeVar("Found")

Json = Annotated[bool, typer.Option("--json", help="JSON for programs, instead of tables for people.")]


def settings() -> Settings:
    """The settings of the environment; a misspelt name is pointed out.

    Raises:
        MisusedError: one of them cannot be read.

    """
    from app.settings import read_settings, unknown_variables  # noqa: PLC0415

    for name in unknown_variables():
        say(f"Note: {name} is set, but nothing reads it; is it misspelt?")
    return read_settings()


def home() -> Home:
    """The home that the environment names."""
    from app.home import Home  # noqa: PLC0415

    return Home.of(settings())


def wait_for(work: Coroutine[Any, Any, Found]) -> Found:
    """What an asynchronous command comes to."""
    return asyncio.run(work)
