"""What a soak sends: for each grant a mix of good messages and bad ones, by a seed, and what must come of all of them."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.signing import Signer
from domain import evidence
from domain.model import Command

Kind = Literal["good", "malformed", "duplicated", "stale", "forged", "unsigned"]
BAD: tuple[Kind, ...] = ("malformed", "duplicated", "stale", "forged", "unsigned")
OUTCOMES: dict[Kind, str] = {
    "good": "accepted",
    "malformed": "quarantined",
    "duplicated": "repeated",
    "stale": "refused",
    "forged": "quarantined",
    "unsigned": "quarantined",
}
"""What comes of a message of each kind."""

PAPER: dict[str, Any] = {
    "paper": "paper-1",
    "title": "A paper that is only edited over other content",
    "items": [{"item": "1", "verbs": ["note"], "words": "The report", "instrument": None, "pence": {}}],
    "documents": [],
    "facts": {"retrospective": False, "novel": False, "restricted": False},
}


@dataclass(frozen=True)
class Sent:
    """One signal: its name and the bytes of its payloads."""

    grant: str
    kind: Kind
    name: str
    payloads: tuple[bytes, ...]


@dataclass
class Mix:
    """The messages of one soak. ``signer`` is the gateway's; the forger has a key of their own."""

    signer: Signer
    seed: int
    forger: Signer = field(default_factory=lambda: Signer(Ed25519PrivateKey.generate()))

    def messages(self, grant: str, count: int) -> list[Sent]:
        """So many messages for one grant in the order in which they are sent; a third of them bad, at random."""
        chance = random.Random(f"{self.seed}/{grant}")  # noqa: S311  (chance, not secrecy)
        bad = count // 3
        good_ones: list[Kind] = ["good"] * (count - bad)
        kinds = [*good_ones, *(BAD[number % len(BAD)] for number in range(bad))]
        chance.shuffle(kinds)
        first = kinds.index("good")
        kinds[0], kinds[first] = kinds[first], kinds[0]
        return list(self._made(grant, kinds, chance))

    def _made(self, grant: str, kinds: list[Kind], chance: random.Random) -> Iterator[Sent]:
        good: list[Sent] = []
        makers: dict[Kind, Callable[[Command, random.Random], tuple[bytes, ...]]] = {
            "good": lambda command, _: (self.signer.message(command),),
            "stale": lambda command, _: (self.signer.message(stale(command)),),
            "malformed": self._malformed,
            "forged": self._forged,
            "unsigned": self._unsigned,
        }
        for kind in kinds:
            if kind == "duplicated":
                again = chance.choice(good)
                yield Sent(grant, kind, again.name, again.payloads)
                continue
            sent = Sent(grant, kind, "submit", makers[kind](assessment(grant, chance), chance))
            good += [sent] if kind == "good" else []
            yield sent

    def _malformed(self, command: Command, chance: random.Random) -> tuple[bytes, ...]:
        message = self.signer.message(command)
        unlike = self.signer.message(command.model_copy(update={"actor": "; DROP TABLE event"}))
        return chance.choice([(message[: chance.randrange(len(message) // 2, len(message))],), (message, message), (unlike,), (chance.randbytes(64),)])

    def _forged(self, command: Command, chance: random.Random) -> tuple[bytes, ...]:
        own = self.signer.message(command)
        in_our_name = evidence.canonical({**json.loads(self.forger.message(command)), "key": self.signer.key})
        return (chance.choice([self.forger.message(command), in_our_name, own.replace(b'"form":"dpia"', b'"form":"none"')]),)

    def _unsigned(self, command: Command, chance: random.Random) -> tuple[bytes, ...]:
        return (evidence.canonical({**json.loads(self.signer.message(command)), chance.choice(["signature", "key"]): None}),)


def expected(sent: list[Sent]) -> Counter[str]:
    """How many messages of each outcome there must be."""
    return Counter(OUTCOMES[each.kind] for each in sent)


def assessment(grant: str, chance: random.Random) -> Command:
    """A fact that is always recorded, and that no other message repeats."""
    return command_of(grant, "RecordAssessment", {"form": "dpia", "outcome": f"looked at {chance.randrange(2**40)}"}, chance)


def stale(command: Command) -> Command:
    """An edit of the paper by somebody who saw another content."""
    return command.model_copy(update={"type": "EditPaper", "content": "0" * 64, "body": {**PAPER, "reason": "A word"}})


def command_of(grant: str, kind: str, body: dict[str, Any], chance: random.Random) -> Command:
    """A command with an id by chance."""
    told = {"v": 1, "id": str(UUID(int=chance.getrandbits(128))), "grant": grant, "type": kind, "actor": "p-grants", "on_behalf_of": None, "at": None}
    return Command.model_validate(told | {"content": None, "body": body, "sealed": None})
