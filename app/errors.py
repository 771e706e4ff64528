"""Errors that a user can foresee: one tree, each with the exit code that the command line ends with (DESIGN §10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


class GrantsError(Exception):
    """Anything that ends a command with a message and no traceback. Exit code 1: it failed."""

    exit_code = 1


class MisusedError(GrantsError):
    """Raised when what the user gave cannot be meant: a wrong option, a malformed file."""

    exit_code = 2


class NotVerifiedError(GrantsError):
    """Raised when the record, or a replay of it, is not what it should be."""

    exit_code = 3


class NotFoundError(GrantsError):
    """Raised when there is no such grant, person, command or file."""

    exit_code = 4


class RefusedError(GrantsError):
    """Raised when the rules refused what was asked, or put it aside."""

    exit_code = 5


class UnavailableError(GrantsError):
    """Raised when something that we depend on cannot be reached: the Temporal server, the record, a program."""

    exit_code = 69


class UndecidedError(GrantsError):
    """Raised when a command was received and is not decided yet; its id can be asked for later."""

    exit_code = 75


class RateLimitedError(GrantsError):
    """Raised when a sender has sent too much: nothing was sent, nothing is recorded. ``seconds`` and ``at`` (UTC) say when to try again."""

    exit_code = 75

    def __init__(self, said: str, seconds: int, at: datetime) -> None:
        self.seconds, self.at = seconds, at
        super().__init__(said)


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file: the line (from 1), the field as a path of keys ("steps.3.by"), and what is wrong."""

    line: int
    field: str
    what: str


class MalformedFileError(MisusedError):
    """Raised when a file is not what it should be; it carries every problem that was found."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.path, self.problems = path, tuple(problems)
        super().__init__("\n".join(f"{path}:{each.line}: {each.field}: {each.what}" for each in self.problems))
