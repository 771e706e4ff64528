"""Messages that were put aside: which of them still wait for somebody, and how they are released.

A message is put aside once, under the digest of its name and bytes. It waits until a command of the id that it claims is
decided (its own bytes sent again, or the same command put right), or until somebody with the mandate releases it: because
another command stands in its place, or because nothing needs to. A duty on which our own code raised stands still like a
message; its release has it tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.evidence import digest
from domain.messages import MessageQuarantined
from domain.model import By, CommandBody, CommandId, Decision, Digest, Event, Past, Rule, Text

NOT_ASIDE = Rule(
    "message.not_put_aside",
    "No message of the digest {sha256} waits here: it was never put aside, was decided since, or is released already.",
    "CONTRACT, Messages",
    remedy="Correct the digest: `grants messages` lists what waits here.",
)
ITSELF = Rule(
    "message.replaces_itself",
    "This release names itself as the command in the place of the message; name the repaired one.",
    "CONTRACT, Messages",
    remedy="Send the repaired command first, then release the message and name that command's id.",
)

# What can be asked for ------------------------------------------------------------------------------------------------


class ReleaseMessage(CommandBody, kind="act"):
    """A message that was put aside needs nobody's attention any more.

    ``sha256`` is the digest under which it was put aside; ``replaced_by`` the id of the repaired command that was sent in
    its place (null: nothing needs to stand in its place). Of a duty that stands still: it is tried again.
    """

    sha256: Digest
    reason: Text
    replaced_by: CommandId | None = None


Asked = ReleaseMessage

# What can have happened -----------------------------------------------------------------------------------------------


class MessageReleased(Event, wire="message.released", said="A message that was put aside is released: {reason}"):
    """What was put aside under ``sha256`` waits for nobody any more; ``replaced_by`` is the command in its place (null: none)."""

    sha256: Digest
    reason: Text
    replaced_by: CommandId | None


Happened = MessageQuarantined | MessageReleased


@dataclass(frozen=True)
class State:
    """The messages that wait: their digests, by the digest of the id that they claim (of one that claims none, its own)."""

    aside: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def waits(self, sha256: str) -> bool:
        """Whether the message of that digest waits for somebody."""
        return any(sha256 in each for each in self.aside.values())

    def claimed(self, sha256: str) -> str:
        """The digest of the id that a waiting message claims; its own where it claims none, or does not wait."""
        return next((name for name, each in self.aside.items() if sha256 in each), sha256)


# The rules ------------------------------------------------------------------------------------------------------------


def decide(body: Asked, state: State, by: By) -> Decision:
    """What follows from a release."""
    if not state.waits(body.sha256):
        return NOT_ASIDE.refuse(sha256=body.sha256)
    if body.replaced_by == by.command:
        return ITSELF.refuse()
    return (MessageReleased(sha256=body.sha256, reason=body.reason, replaced_by=body.replaced_by),)


def evolve(state: State, past: Past) -> State:
    """What waits after one of the room's own events."""
    match past.body:
        case MessageQuarantined() as put:
            claimed = put.claims or put.sha256
            return State({**state.aside, claimed: state.aside.get(claimed, frozenset()) | {put.sha256}})
        case MessageReleased(sha256=sha256):
            claimed = state.claimed(sha256)
            left = state.aside.get(claimed, frozenset()) - {sha256}
            others = _without(state.aside, claimed)
            return State({**others, claimed: left} if left else others)
        case _:
            return state


def decided(state: State, command: str) -> State:
    """What waits once a command of that id is decided, or a moment: whatever was put aside under its name does not."""
    if not state.aside or (claimed := digest(command.encode())) not in state.aside:
        return state
    return State(_without(state.aside, claimed))


def _without(aside: Mapping[str, frozenset[str]], claimed: str) -> dict[str, frozenset[str]]:
    return {name: each for name, each in aside.items() if name != claimed}
