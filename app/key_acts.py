"""Acts on the keys of an organisation, and the keys as they stand: the record's ring beside this installation's own files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.errors import MisusedError, NotFoundError
from app.home import Home
from app.ids import uuid7
from app.outcomes import Outcome, titled
from app.reader import Reader
from app.session import Session, acting
from app.signing import Signer, key_id, local_signers, make_newest, make_next, trusted_one
from domain.calendar import rfc3339
from domain.keys import AddKey, KeyRevoked, RevokeKey, RotateKey, find
from domain.model import Command, CommandBody
from domain.organisation import Organisation

View = dict[str, Any]

FIRST_OF_ALL = datetime.min.replace(tzinfo=UTC)

Asked = tuple[Command, Outcome | None]
"""What was sent, and what came of it (null: it is not decided yet)."""


def rows(reader: Reader, organisation: str | None, mine: tuple[Signer, ...], now: datetime) -> list[View]:
    """Every key that an organisation, or each of the record, ever trusted; ``ours``: this installation has its private half.

    ``first`` null: it was trusted from the start, as the installation's own.

    Raises:
        NotFoundError: nobody adopted that organisation.

    """
    found = [adopted(reader, organisation)] if organisation else list(reader.organisations().values())
    ours = {each.key for each in mine}
    return [row for each in found for row in _of(reader, each, ours, now)]


def _of(reader: Reader, organisation: Organisation, ours: set[str], now: datetime) -> list[View]:
    bodies = (line.past.body for line in reader.lines(organisation.stream))
    why = {each.key: each.reason for each in bodies if isinstance(each, KeyRevoked)}
    return [
        {
            "organisation": organisation.stream.removeprefix("organisation/"),
            "key": each.key,
            "holds": each.holds(now),
            "first": rfc3339(each.first) if each.first > FIRST_OF_ALL else None,
            "revoked": rfc3339(each.revoked) if each.revoked else None,
            "because": why.get(each.key),
            "ours": each.key in ours,
            "public": each.public,
        }
        for each in organisation.keys
    ]


def adopted(reader: Reader, organisation: str | None) -> Organisation:
    """The organisation of that id, or the only one of the record.

    Raises:
        NotFoundError: nobody adopted it.
        MisusedError: none is named, and the record has not exactly one.

    """
    known = reader.organisations()
    if organisation is None and len(known) != 1:
        message = f"Name the organisation: the record has {', '.join(known) or 'none yet'}."
        raise MisusedError(message)
    name = organisation or next(iter(known))
    if name not in known or known[name].charter is None:
        message = f"Nobody has adopted an organisation {name}: `grants adopt {name}` does."
        raise NotFoundError(message)
    return known[name]


async def add(home: Home, organisation: str | None, public: str, person: str) -> Asked:
    """Have an organisation trust the key of another gateway.

    Raises:
        MisusedError: it is no public half of an Ed25519 key.
        NotFoundError, UnavailableError: as ``adopted`` and ``acting``.

    """
    return await _send(home, organisation, AddKey(key=key_id(public), public=public), person)


async def revoke(home: Home, organisation: str | None, key: str, reason: str, person: str) -> Asked:
    """Have an organisation trust a key no more.

    Raises:
        NotFoundError, UnavailableError: as ``adopted`` and ``acting``.

    """
    return await _send(home, organisation, RevokeKey(key=key, reason=reason), person)


async def rotate(home: Home, organisation: str | None, at: datetime | None, person: str) -> Asked:
    """Have an organisation trust a new key of this installation in the place of the one that it trusts now.

    The new key is written before it is asked for, so that nothing is lost in between; where another organisation has been
    given this installation's newest one already, it is that one. From the acceptance on it signs for this organisation.

    Raises:
        MisusedError: the organisation trusts no key of this installation.
        NotFoundError, UnavailableError: as ``adopted`` and ``acting``.

    """
    async with acting(home) as session:
        found, mine = adopted(session.reader, organisation), local_signers(home.keys)
        old = trusted_one(mine, found.keys, session.gateway.log.now())
        if old is None:
            message = f"{found.stream} trusts no key in {home.keys}, so nothing that it signs is obeyed there."
            raise MisusedError(message)
        following = _unused(session.reader, found, mine) or make_next(home.keys)
        asked, outcome = await _sent(session, _command(found, RotateKey(old=old.key, key=following.key, public=following.public, at=at), person))
        if outcome and outcome.kind == "accepted":
            make_newest(home.keys, following)
        return asked, outcome


def _unused(reader: Reader, organisation: Organisation, mine: tuple[Signer, ...]) -> Signer | None:
    """The newest key, where this organisation never had it; else one that no organisation has had yet. Never one from before."""
    newest, *others = mine
    if find(organisation.keys, newest.key) is None:
        return newest
    known = {key.key for each in reader.organisations().values() for key in each.keys}
    return next((each for each in others if each.key not in known), None)


async def _send(home: Home, organisation: str | None, body: CommandBody, person: str) -> Asked:
    async with acting(home) as session:
        return await _sent(session, _command(adopted(session.reader, organisation), body, person))


async def _sent(session: Session, asked: Command) -> Asked:
    outcome = await session.gateway.submit(asked)
    return asked, titled(outcome, session.reader) if outcome else None


def _command(organisation: Organisation, body: CommandBody, person: str) -> Command:
    return Command(
        v=1,
        id=uuid7(),
        grant=organisation.stream,
        type=type(body).__name__,
        actor=person,
        on_behalf_of=None,
        at=None,
        content=None,
        body=body.model_dump(mode="json"),
        sealed=None,
    )
