"""What a command meets on its way to its room: it can be read, is of a grant that exists, comes in time, and binds what stands."""

from __future__ import annotations

from domain.model import Rule

MALFORMED = Rule(
    "command.malformed",
    "The body of {type} cannot be read: {faults}.",
    "CONTRACT, Messages",
    remedy="Correct the fields named: docs/commands.md and `grants schema command` say what {type} takes.",
)
UNKNOWN = Rule(
    "grant.unknown",
    "There is no grant {grant}; OpenGrant begins one.",
    "CONTRACT, Messages",
    remedy="Correct the id: `grants list` has them; OpenGrant begins one.",
)
ELSEWHERE = Rule(
    "command.elsewhere",
    "{type} is not for a grant but for an organisation.",
    "DESIGN §4.9",
    remedy="Send it to the organisation: `grants adopt` takes an organisation's files into the record.",
)
NO_INSTANT = Rule(
    "clock.missing",
    "{type} states no instant, and this grant is rehearsed: its messages carry their own.",
    "CONTRACT, Messages",
    remedy="Say the instant in `at`, in UTC, as 2021-01-05T12:00:00Z.",
)
BACKWARDS = Rule(
    "clock.backwards",
    "The message is of {at}, but the rehearsal has come to {recorded}.",
    "CONTRACT, Moments",
    remedy="Give the message an instant no earlier than {recorded}.",
)
UNBOUND = Rule(
    "command.content_missing",
    "{type} binds content: say the digest of what you saw.",
    "CONTRACT, Messages",
    remedy="Look at it with `grants show --json`, and send its digest as `content`; `content: current` takes it as it stands.",
)
STALE = Rule(
    "command.stale",
    "What {type} speaks of {since}: look again.",
    "CONTRACT, Messages",
    remedy="Look at it as it stands now, with `grants show`, see what `grants history` says has changed, and decide again.",
)
CLOSED = Rule(
    "grant.closed",
    "{grant} is closed; facts are still recorded, acts are not taken.",
    "DESIGN §2, Fact and Act",
    remedy="Leave it closed; what is still to be done is for the grant that follows it.",
)
