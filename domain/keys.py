"""The gateways' keys of an organisation: added, rotated, revoked, and never forgotten.

A key holds from an instant until it is revoked. The folded ring keeps every key that ever held: what was revoked is never
trusted again, under whichever id, and an adoption of the organisation's document neither revives a key nor drops one
(DESIGN §4.9; §6, Identity).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from domain.model import CommandBody, Decision, Event, Frozen, Identifier, Instant, Refusal, Rule, Text

SOURCE = "DESIGN §4.9; DESIGN §6, Identity"
EXISTS = Rule(
    "key.exists",
    "The organisation has had the key {key} already; a new key is a new pair.",
    SOURCE,
    remedy="Make a new pair, and add that under an id of its own.",
)
UNKNOWN = Rule(
    "key.unknown",
    "The organisation has no key {key} that holds.",
    SOURCE,
    remedy="Correct the id: `grants keys list` has those that hold.",
)
LAST = Rule(
    "key.last",
    "{key} is the only key that holds: rotate it, or add another first, else nothing could be signed any more.",
    SOURCE,
    remedy="Rotate {key}, or add another key first, and then revoke it.",
)
PAST = Rule(
    "key.in_the_past",
    "{key} cannot go out at {at}: what it signed until {now} stands.",
    "DESIGN §5: nothing is rewritten",
    remedy="Let {key} go out now or at a later instant; messages that it signed wrongly are for `grants audit identities`.",
)

Public = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""The public half of an Ed25519 key: 32 bytes, base64."""


class Key(Frozen):
    """The public half of a gateway's Ed25519 key (32 bytes, base64), from an instant, until it is revoked."""

    key: Identifier
    public: Public
    first: Instant
    revoked: Instant | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it may sign at that instant: from its first one until it is revoked."""
        return self.first <= at and (self.revoked is None or at < self.revoked)


# What can be asked for --------------------------------------------------------------------------------------------------


class AddKey(CommandBody, kind="act"):
    """Trust another gateway's key from now on."""

    key: Identifier
    public: Public


class RotateKey(CommandBody, kind="act"):
    """Trust a new key from now on in the place of an old one, which goes out at an instant (UTC; null: now)."""

    old: Identifier
    key: Identifier
    public: Public
    at: Instant | None = None


class RevokeKey(CommandBody, kind="act"):
    """Trust a key no more, from now on and for ever, for a reason that the record keeps."""

    key: Identifier
    reason: Text


Command = AddKey | RotateKey | RevokeKey

# What can have happened -------------------------------------------------------------------------------------------------


class KeyAdded(Event, wire="key.added", said="Key {key} added"):
    """The key of another gateway is trusted, from the instant ``first``."""

    key: Identifier
    public: Public
    first: Instant


class KeyRotated(Event, wire="key.rotated", said="Key {key} takes the place of {old}, which goes out at {at}"):
    """A new key from ``first`` on, for an old one that holds until ``at``."""

    old: Identifier
    key: Identifier
    public: Public
    first: Instant
    at: Instant


class KeyRevoked(Event, wire="key.revoked", said="Key {key} revoked: {reason}"):
    """The key signs nothing any more from the instant ``at``."""

    key: Identifier
    at: Instant
    reason: Text


Happened = KeyAdded | KeyRotated | KeyRevoked
Ring = tuple[Key, ...]
"""Every key that an organisation ever trusted, in the order in which they came."""

# The rules --------------------------------------------------------------------------------------------------------------


def decide(body: Command, ring: Ring, now: Instant) -> Decision:
    """What follows from a command about keys, at the instant ``now`` (UTC)."""
    match body:
        case AddKey():
            added = KeyAdded(key=body.key, public=body.public, first=now)
            return () if _held(body, ring, now) else _known(body, ring) or (added,)
        case RotateKey():
            return _rotate(body, ring, now)
        case RevokeKey():
            return _revoke(body, ring, now)


def _rotate(body: RotateKey, ring: Ring, now: Instant) -> Decision:
    old, at = find(ring, body.old), body.at or now
    if old and _held(body, ring, now) and old.revoked and (body.at is None or old.revoked == body.at):
        return ()
    if old is None or not old.holds(now):
        return UNKNOWN.refuse(key=body.old)
    if at < now:
        return PAST.refuse(key=body.old, at=at, now=now)
    return _known(body, ring) or (KeyRotated(old=body.old, key=body.key, public=body.public, first=now, at=at),)


def _revoke(body: RevokeKey, ring: Ring, now: Instant) -> Decision:
    found = find(ring, body.key)
    if found is None:
        return UNKNOWN.refuse(key=body.key)
    if found.revoked and found.revoked <= now:
        return ()
    others = any(_lasts(each, now) for each in ring if each.key != body.key)
    return (KeyRevoked(key=body.key, at=now, reason=body.reason),) if others else LAST.refuse(key=body.key)


def differing(stated: Iterable[Key], ring: Ring) -> Refusal | None:
    """Why a document may not state these keys: one of them had another public half, or another id, before; null: it may."""
    for each in stated:
        if any((each.key == known.key) != (each.public == known.public) for known in ring):
            return EXISTS.refuse(key=each.key)
    return None


def shut_out(stated: Iterable[Key], ring: Ring, now: Instant) -> Refusal | None:
    """Why a document may not state these keys: with it, none would hold for good any more; null: one does, or none did before."""
    lasting = [each.key for each in ring if _lasts(each, now)]
    return LAST.refuse(key=" or ".join(lasting)) if lasting and not any(_lasts(each, now) for each in with_stated(ring, stated)) else None


def _lasts(key: Key, now: Instant) -> bool:
    return key.holds(now) and key.revoked is None


def _held(body: AddKey | RotateKey, ring: Ring, now: Instant) -> bool:
    found = find(ring, body.key)
    return found is not None and found.public == body.public and found.holds(now)


def _known(body: AddKey | RotateKey, ring: Ring) -> Refusal | None:
    """A key is known by its id and by its public half: one that was revoked does not come back under another id."""
    return EXISTS.refuse(key=body.key) if any(body.key == each.key or body.public == each.public for each in ring) else None


# What has happened ------------------------------------------------------------------------------------------------------


def evolve(ring: Ring, body: Happened) -> Ring:
    """The ring after one event. Total: history is never refused."""
    match body:
        case KeyAdded():
            return (*ring, Key(key=body.key, public=body.public, first=body.first))
        case KeyRotated():
            return (*_out(ring, body.old, body.at), Key(key=body.key, public=body.public, first=body.first))
        case KeyRevoked():
            return _out(ring, body.key, body.at)


def with_stated(ring: Ring, stated: Iterable[Key]) -> Ring:
    """The ring after the adoption of a document that states these keys.

    New ones join, known ones go out no later than it says, and none is dropped or revived: a document that somebody wrote
    before a key was revoked cannot bring it back.
    """
    for each in stated:
        if each.revoked and find(ring, each.key):
            ring = _out(ring, each.key, each.revoked)
        elif not any(each.key == known.key or each.public == known.public for known in ring):
            ring = (*ring, each)
    return ring


def find(ring: Ring, name: str) -> Key | None:
    """The key of that id, whether it holds or not; null: there never was one."""
    return next((each for each in ring if each.key == name), None)


def _out(ring: Ring, name: str, at: Instant) -> Ring:
    """The key goes out at an instant, or when it was to go out before that."""
    return tuple(each.model_copy(update={"revoked": min(at, each.revoked or at)}) if each.key == name else each for each in ring)
