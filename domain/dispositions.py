"""What becomes of people and things when an exit was triggered: every funded post, asset and contract, once each.

Part of the room ``exit``. The posts are those funded on the last funded day (invariant 30).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Self

from pydantic import model_validator

from domain.calendar import StatedDate
from domain.ending import AssetRecorded, DispositionRecorded, ExitCompleted, Fate, Given, Held, Post, PostsOf, State
from domain.exception import ExceptionClosed, ExceptionRaised
from domain.model import Cap, CommandBody, Decision, Document, Duty, DutyWords, Event, Identifier, Name, Rule, Text, fields_of

ASSET_DIFFERS = Rule(
    "exit.asset_differs",
    "{asset} is recorded already, and says something else.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other asset an id of its own.",
)
DIFFERS = Rule(
    "exit.disposition_differs",
    "{disposition} is recorded already, and says something else.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other disposition an id of its own.",
)

OF_POSTS: frozenset[Fate] = frozenset({"redeployed", "transferred", "ended", "retained"})
OF_ASSETS: frozenset[Fate] = frozenset({"transferred", "ended", "retained", "sold", "returned", "scrapped"})

DUTIES = (DutyWords(name="disposition.recorded", words="{owner} says what becomes of {subject}"),)

PUT_RIGHT = "put right by what was recorded since"
NO_EVIDENCE, BEYOND, TWICE, UNKNOWN, UNPAID = "disposition-evidence", "disposed-beyond", "disposed-twice", "asset-unknown", "asset-instrument"
FAULTS = {
    NO_EVIDENCE: ("no evidence of a disposition", "No document shows disposition {subject}."),
    BEYOND: ("more posts disposed of than funded", "More is disposed of than was funded on the last day: {subject}."),
    TWICE: ("one thing disposed of twice", "{subject} has more than one disposition."),
    UNKNOWN: ("an asset that nobody recorded", "{subject} has a disposition, and no asset or contract of that name is recorded."),
    UNPAID: ("an asset of no instrument", "The instrument that is said to have paid for {subject} is not recorded."),
}
"""What breaks a rule here and stands, by the first part of the exception's id: what it is, and why."""

# What can be asked for ------------------------------------------------------------------------------------------------


class RecordAsset(CommandBody, kind="fact"):
    """The grant paid for something that outlasts it, or a contract runs under it.

    ``pence`` is what it cost (pence; null: not stated); ``instrument`` what paid for it (null: not stated).
    """

    asset: Identifier
    held: Held = "asset"
    words: Text
    instrument: Identifier | None = None
    pence: Cap | None = None
    documents: tuple[Document, ...] = ()


class RecordDisposition(CommandBody, kind="fact"):
    """What became of so many funded posts, or of one asset or contract, to whom it went, and when.

    The documents show it; without any an exception stands until they are named. ``to`` null: to nobody.
    """

    disposition: Identifier
    posts: PostsOf | None = None
    asset: Identifier | None = None
    fate: Fate
    to: Name | None = None
    on: StatedDate
    documents: tuple[Document, ...] = ()

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.posts is None) == (self.asset is None):
            message = "a disposition is of posts, or of an asset or contract"
            raise ValueError(message)
        if self.fate not in (OF_POSTS if self.posts else OF_ASSETS):
            message = f"{self.fate} is said of {'an asset or contract' if self.posts else 'posts'}"
            raise ValueError(message)
        return self


Command = RecordAsset | RecordDisposition

# The rules ------------------------------------------------------------------------------------------------------------


def record_asset(body: RecordAsset, state: State) -> Decision:
    """The asset or contract, once."""
    recorded = AssetRecorded(**fields_of(body, RecordAsset))
    known = state.assets.get(body.asset)
    if known is None:
        return (recorded,)
    return () if known.event == recorded else ASSET_DIFFERS.refuse(asset=body.asset)


def record(body: RecordDisposition, state: State) -> Decision:
    """The disposition; the same one again with more documents takes the place of the first."""
    recorded = DispositionRecorded(**fields_of(body, RecordDisposition), what=_what(body))
    known = state.dispositions.get(body.disposition)
    if known is None:
        return (recorded,)
    if known.event == recorded:
        return ()
    same = known.event.model_copy(update={"documents": recorded.documents}) == recorded
    return (recorded,) if same and set(known.event.documents) < set(recorded.documents) else DIFFERS.refuse(disposition=body.disposition)


def left(state: State, given: Given) -> dict[str, str]:
    """What has no disposition yet once the exit was triggered: each in words, under the subject of its duty."""
    if state.triggered is None:
        return {}
    gone = _disposed(state)
    posts = ((post, funded, funded - gone[post]) for post, funded in given.posts.items())
    named = {each.event.asset for each in state.dispositions.values()}
    return {
        **{_subject(post): f"{missing} of {funded} {_subject(post)}" for post, funded, missing in posts if missing > 0},
        **{name: f"{each.event.held} {name}" for name, each in state.assets.items() if name not in named},
    }


def completed(before: State, after: State, given: Given) -> tuple[ExitCompleted, ...]:
    """The exit is completed when what was left last has its disposition, or where nothing was."""
    if after.triggered is None or left(after, given) or (after.completed and not left(before, given)):
        return ()
    return (ExitCompleted(posts=sum(given.posts.values()), assets=len(after.assets)),)


def duties(state: State, given: Given) -> tuple[Duty, ...]:
    """Somebody says what becomes of each post, asset and contract, from the day on which the exit was triggered."""
    since = state.triggered_at
    owed = given.policy.owed
    return tuple(duty for subject in left(state, given) for duty in owed("exit", "disposition.recorded", subject, since)) if since else ()


def gates(state: State, given: Given) -> tuple[str, ...]:
    """Why the grant cannot close, in plain words."""
    missing = ", ".join(left(state, given).values())
    return (f"its exit was triggered, and there is no disposition of {missing}",) if missing else ()


def faults(state: State, given: Given) -> dict[str, ExceptionRaised]:
    """What breaks a rule as things stand, by the id of its exception."""
    found = (ExceptionRaised(exception=f"{kind}/{subject}", **_words(kind, subject), owner=given.exception_owner) for kind, subject in _faults(state, given))
    return {each.exception: each for each in found}


def raised(before: State, after: State, given: Given) -> tuple[Event, ...]:
    """An exception for each fault that is new."""
    known = faults(before, given)
    return tuple(each for name, each in faults(after, given).items() if name not in known and name not in given.open_exceptions)


def put_right(state: State, given: Given) -> tuple[ExceptionClosed, ...]:
    """Each open exception of these kinds whose fault stands no more is closed."""
    standing = faults(state, given)
    over = (each for each in given.open_exceptions if each.partition("/")[0] in FAULTS and each not in standing)
    return tuple(ExceptionClosed(exception=each, how=PUT_RIGHT) for each in sorted(over))


def _faults(state: State, given: Given) -> Iterable[tuple[str, str]]:
    each_of = Counter(each.event.asset for each in state.dispositions.values() if each.event.asset)
    yield from ((NO_EVIDENCE, name) for name, each in state.dispositions.items() if not each.event.documents)
    yield from ((BEYOND, _subject(post)) for post, count in _disposed(state).items() if count > given.posts.get(post, 0))
    yield from ((TWICE, name) for name, count in each_of.items() if count > 1)
    yield from ((UNKNOWN, name) for name in each_of if name not in state.assets)
    paid = ((name, each.event.instrument) for name, each in state.assets.items())
    yield from ((UNPAID, name) for name, instrument in paid if instrument and instrument not in given.instruments)


def _words(kind: str, subject: str) -> dict[str, str]:
    what, why = FAULTS[kind]
    return {"what": what, "subject": subject, "why": why.format(subject=subject)}


def _disposed(state: State) -> Counter[Post]:
    count: Counter[Post] = Counter()
    for each in state.dispositions.values():
        if posts := each.event.posts:
            count[posts.team, posts.rank] += posts.count
    return count


def _subject(post: Post) -> str:
    team, rank = post
    return f"posts of {rank} in {team}"


def _what(body: RecordDisposition) -> str:
    return f"{body.posts.count} {_subject((body.posts.team, body.posts.rank))}" if body.posts else str(body.asset)
