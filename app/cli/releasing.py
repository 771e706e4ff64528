"""Releasing one message that was put aside, as ``grants release`` asks."""

from __future__ import annotations

from dataclasses import dataclass

from app import releasing
from app.cli.answering import Sent
from app.cli.doing import content_in, submitted, written
from app.command_file import command_of
from app.errors import MisusedError
from app.home import Home
from app.messages import Told
from app.outcomes import recorded, titled
from app.releasing import Releasing
from app.session import Session, acting


@dataclass(frozen=True)
class Asked:
    """What the command line was told; ``repaired`` is a file, ``replaced_by`` the id of a command."""

    grant: str
    digest: str
    person: str | None
    reason: str | None
    repaired: str | None
    replaced_by: str | None

    def releasing(self, told: Told) -> Releasing | None:
        """Who releases it and why; null: nobody does, its bytes are sent again.

        Raises:
            MisusedError: the options do not go together.

        """
        if not any((self.person, self.reason, self.repaired, self.replaced_by)):
            return None
        if self.person is None or self.reason is None or (self.repaired and self.replaced_by):
            message = "A release is somebody's, for a reason: say --as PERSON and --reason TEXT, and at most one of --with FILE and --replaced-by ID."
            raise MisusedError(message)
        return Releasing(self.grant, told.sha256, self.person, self.reason)


async def release(home: Home, asked: Asked) -> list[Sent]:
    """Send the message again, or the repaired one, and release it; what came of each command that was sent.

    Raises:
        NotFoundError, MisusedError: there is no such message, or it cannot be released so.
        GrantsError: as ``Gateway.submit``.

    """
    async with acting(home) as session:
        told = releasing.put_aside(session.reader, asked.grant, asked.digest)
        by = asked.releasing(told)
        if by is None:
            outcome = await releasing.send_again(session, home, asked.grant, told)
            return [Sent(told.id, asked.grant, titled(outcome, session.reader) if outcome else None, waited=True)]
        if asked.repaired:
            return await _with_repaired(session, asked.repaired, by)
        if asked.replaced_by:
            _hold_accepted(session, asked.replaced_by, asked.grant)
        return [await _released(session, by, asked.replaced_by)]


async def _with_repaired(session: Session, file: str, by: Releasing) -> list[Sent]:
    """The repaired command first; only where it is accepted, the release that names it."""
    path, text = written(file)
    named = releasing.id_in_the_place_of(by.sha256)
    command = command_of(path, text, by.grant, content_in(session.reader), session.gateway.sealed, named)
    sent = await submitted(session, command)
    if sent.outcome is None or sent.outcome.kind != "accepted":
        return [sent]
    return [sent, await _released(session, by, command.id)]


async def _released(session: Session, by: Releasing, replaced_by: str | None) -> Sent:
    return await submitted(session, releasing.command_of(session.reader, by, replaced_by))


def _hold_accepted(session: Session, command_id: str, grant: str) -> None:
    """A command stands in the place of another one only if it was accepted in the same grant."""
    found = [each for each in recorded(session.reader.log, command_id) if each.command == command_id and each.stream == f"grant/{grant}"]
    if not any(each.kind == "accepted" for each in found):
        message = f"No command {command_id} was accepted in {grant}: nothing is released."
        raise MisusedError(message)
