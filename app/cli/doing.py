"""Sending and signing one command that a person wrote."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from app.cli.answering import Sent
from app.cli.out import say
from app.command_file import Content, command_of
from app.errors import MisusedError, NotFoundError
from app.gateway import Gateway, paper_beside, signed_for, split, stream_of_command
from app.home import Home
from app.outcomes import Outcome, titled
from app.part_two import PartTwo
from app.reader import Reader, reading
from app.sealing import NOTHING, Sealer
from app.session import Session, acting
from app.signing import local_signers
from domain.grant import content
from domain.model import Command, CommandBody
from store.errors import RecordError
from store.queries import standing

STDIN = "-"


async def send(home: Home, grant: str, file: str, *, wait: bool) -> list[Sent]:
    """Send the command of a file to a grant, and wait for what comes of it.

    Raises:
        NotFoundError, MalformedFileError, UnavailableError: the file, or the way to the server.
        RateLimitedError: its actor has sent too much; nothing was sent.

    """
    path, text = written(file)
    async with acting(home) as session:
        command = command_of(path, text, grant, content_in(session.reader), session.gateway.sealed)
        parts = split(command)
        session.gateway.admit(*parts)
        return [await submitted(Session(session.gateway.unlimited, session.reader), each, wait=wait) for each in parts]


async def submitted(session: Session, command: Command, *, wait: bool = True) -> Sent:
    """A command that is sent, and what comes of it if anybody waits; a refusal comes with the titles of those who could.

    Whoever is interrupted while it is under way is told its id: it may have been received, and is then decided all the same.

    Raises:
        RateLimitedError, UnavailableError, MisusedError: as ``Gateway.submit``.

    """
    try:
        outcome = await _outcome(session.gateway, command, wait=wait)
    except asyncio.CancelledError:
        say(f"{command.id}: interrupted. If it was received it is decided all the same; `grants outcome {command.id}` tells what comes of it.")
        raise
    told = titled(outcome, session.reader) if outcome else None
    return Sent(command.id, command.grant, told, waited=wait, claimed_at=claimed_at(session.reader, command))


async def _outcome(gateway: Gateway, command: Command, *, wait: bool) -> Outcome | None:
    if wait:
        return await gateway.submit(command)
    gateway.admit(command)
    await gateway.send(stream_of_command(command), command.type, gateway.message(command))
    return None


def claimed_at(reader: Reader, command: Command) -> datetime | None:
    """The instant that a command states where that is only recorded as claimed, for the real clock says when it came.

    Null: it states none, is rehearsed, or nothing tells by which clock its grant lives. It is asked for once the command was sent.
    """
    stream = stream_of_command(command)
    if command.at is None or stream.startswith("organisation/"):
        return command.at
    opens = command.body.get("clock") if command.type == "OpenGrant" else None
    return command.at if (_clock(reader, stream) or opens) == "real" else None


def _clock(reader: Reader, stream: str) -> str | None:
    """The clock of a grant as its row for lists has it; null: it is not open, or the row cannot be read."""
    try:
        kept = standing(reader.log.engine, stream)
        return json.loads(kept.json).get("clock") if kept else None
    except (RecordError, ValueError, AttributeError):
        # The command was sent already: what came of it is told, and only the note on its instant is missing.
        return None


def signed(home: Home, file: str, grant: str | None) -> str:
    """The signed message of a file's command, as one line of JSON.

    Raises:
        NotFoundError, MalformedFileError: the file, or the record where it says ``content: current``.

    """

    def current(name: str, body: CommandBody) -> str | None:
        with reading(home) as reader:
            return content_in(reader)(name, body)

    def seal(command: Command, part_two: PartTwo) -> Command:
        with reading(home) if home.has_record else nullcontext() as reader:
            beside = paper_beside(reader, command) if reader else NOTHING
        return Sealer(home.vault_url).sealed(stream_of_command(command), command, part_two, beside)

    path, text = written(file)
    command, signers = command_of(path, text, grant, current, seal), local_signers(home.keys)
    if len(signers) == 1:
        return signers[0].message(command).decode()
    with reading(home) as reader:
        return signed_for(reader.log, signers, command).decode()


def content_in(reader: Reader) -> Content:
    """The digests of contents as a record has them now."""
    return lambda name, body: content(body, reader.grant(name))


def written(file: str) -> tuple[Path, bytes]:
    """The name and the bytes of a file, or of stdin.

    Raises:
        NotFoundError: it cannot be read.
        MisusedError: stdin is a terminal, where nobody has written anything.

    """
    if file == STDIN:
        if sys.stdin.isatty():
            message = "Nothing comes on stdin: name a file, or pipe a command in."
            raise MisusedError(message)
        return Path("stdin"), sys.stdin.buffer.read()
    path = Path(file)
    try:
        return path, path.read_bytes()
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise NotFoundError(message) from error
