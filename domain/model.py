"""The words that every room shares: frozen values, commands, events, rules and refusals, duties.

The wire names of events and the class names of commands are the storage format: they stand in the record for ever.
Rename a Python attribute only with an upcast; never a wire name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

LONDON = ZoneInfo("Europe/London")
"""Where dates and instants are read: all local times are of this zone."""

LARGEST = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (CONTRACT, Messages)."""


class Frozen(BaseModel):
    """A closed, immutable, strictly typed value: no unknown fields, no silent conversion, no input in error texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def fields_of(value: BaseModel, of: type[BaseModel] | None = None, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """The typed fields of a value by name, or those of a kind that it also is: how an event repeats what its command states."""
    return {name: getattr(value, name) for name in (of or type(value)).model_fields if name not in but}


Pence = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
"""Whole pence; may be negative (an offset)."""

Cap = Annotated[int, Field(ge=0, le=LARGEST)]
"""Whole pence, never negative."""

LONGEST_NAME = 200
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")]
LONGEST_TEXT = 4000
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}$")]
"""An id that people give: of an instrument, a paper, a line, an office, a person."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, lower-case hexadecimal."""

Grade = Literal["public", "internal", "restricted"]
"""Who may read it: Part 1, staff, Part 2 (R-80)."""

GrantId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$", max_length=100)]
"""The id of a grant; ``organisation/<id>`` in a command means an organisation. It can name no path but its own."""


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset():
        message = "an instant is written in UTC, with Z"
        raise ValueError(message)
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A point in time, aware, in UTC."""

Pauses = tuple[tuple[Instant, Instant], ...]
"""Spans of time in which something rested, from an instant to an instant, in order."""


class Document(Frozen):
    """A paper or file that somebody can open: what it is, its date, its digest if known, and where it is kept."""

    kind: Name
    dated: str | None = None
    received: str | None = None
    digest: Digest | None = None
    kept: Name
    grade: Grade = "public"

    def __str__(self) -> str:
        """The document as any line of words may say it: of a restricted one only that it exists, and its kind."""
        return f"a restricted document ({self.kind})" if self.grade == "restricted" else f"{self.kind} ({self.kept})"


# Commands ---------------------------------------------------------------------------------------------------------------

COMMANDS: dict[str, type[CommandBody]] = {}


class CommandBody(Frozen):
    """What is asked. A *fact* is always recorded; an *act* needs our authority now and may be refused (DESIGN §6).

    A command that ``binds`` needs the digest of the content that its sender saw (CONTRACT, Messages).
    """

    kind: ClassVar[Literal["fact", "act"]]
    binds: ClassVar[bool]

    def __init_subclass__(cls, *, kind: Literal["fact", "act"] | None = None, binds: bool = False, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if kind is not None:
            cls.kind, cls.binds = kind, binds
            _register(COMMANDS, cls.__name__, cls)


CommandId = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")]
"""The id of a command: the sender's own, and the same for the same command however often it is sent."""

Sealed = Annotated[str, Field(pattern=r"^v1\.[A-Za-z0-9+/]{22,}={0,2}$")]
"""Sealed content: ``v1.`` and its ciphertext in base64. Text that nobody sealed cannot be taken for it."""


class Command(Frozen):
    """One signed wish: who asks for what, in which grant. ``body`` is still untyped; ``domain.grant.typed`` reads it.

    ``sealed`` is its Part 2 as ciphertext; no rule reads it (DESIGN §8).
    """

    v: Literal[1]
    id: CommandId
    grant: GrantId
    type: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]{1,59}$")]
    actor: Identifier
    on_behalf_of: Identifier | None
    at: Instant | None
    content: Digest | None
    body: dict[str, Any]
    sealed: Sealed | None


class By(Frozen):
    """Who acts, when: what a rule may know of a command besides its body.

    ``now`` is the recorded instant (UTC): the only clock a rule sees. ``content`` is the digest of what the actor saw.
    ``delegation`` cites the decision that gave them the act, where the scheme itself does not (null: it does), and ``office``
    is then the one that it gave it to.
    ``part_two`` is the digest of the sealed content that came with the command, which no rule reads (null: none came).
    """

    actor: str
    on_behalf_of: str | None
    now: Instant
    content: str | None
    command: str
    delegation: str | None = None
    office: str | None = None
    part_two: str | None = None


# Events -----------------------------------------------------------------------------------------------------------------

EVENTS: dict[tuple[str, int], type[Event]] = {}


class Event(Frozen):
    """What has happened. Its class names its wire name, its version, its one line of words, and when it counts.

    ``said`` is the template of its line in the history; ``effective`` names the field that states when it counts in the
    world (a stated date, may be null: unknown); without one it counts from the instant it was recorded.
    """

    wire: ClassVar[str]
    version: ClassVar[int]
    said: ClassVar[str]
    effective_field: ClassVar[str | None]

    def __init_subclass__(cls, *, wire: str | None = None, said: str = "", effective: str | None = None, v: int = 1, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        if wire is not None:
            cls.wire, cls.version, cls.said, cls.effective_field = wire, v, said, effective
            _register(EVENTS, (wire, v), cls)


class Past(Frozen):
    """One event as folded: its body, and from its envelope what state may keep."""

    stream: str
    version: int
    body: Event
    effective: str | None
    recorded: Instant
    actor: str
    on_behalf_of: str | None
    command: str


def past_of_new(event: Event, stream: str, version: int, by: By) -> Past:
    """An event that was just decided, as it will be folded: what it states of when it counts, else the instant of ``by``."""
    stated = getattr(event, event.effective_field) if event.effective_field else by.now.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return Past(
        stream=stream,
        version=version,
        body=event,
        effective=stated.isoformat() if isinstance(stated, date) else stated,
        recorded=by.now,
        actor=by.actor,
        on_behalf_of=by.on_behalf_of,
        command=by.command,
    )


# Rules and refusals -----------------------------------------------------------------------------------------------------

RULES: dict[str, Rule] = {}


class Refusal(Frozen):
    """A typed no: a stable dotted code, the rule in plain words, who could act, the source of the rule, and what to do."""

    code: str
    why: str
    who_could: tuple[str, ...] = ()
    source: str
    remedy: str = ""


class Rule:
    """A rule that can refuse. Registered by its code; ``words`` is the one template of its explanation.

    ``remedy`` is the template of what to do now, as an imperative sentence; it fills only places that ``words`` fills too.
    """

    def __init__(self, code: str, words: str, source: str, remedy: str = "") -> None:
        self.code, self.words, self.source, self.remedy = code, words, source, remedy
        _register(RULES, code, self)

    def refuse(self, *who_could: str, **values: object) -> Refusal:
        """The refusal by this rule; ``who_could`` names offices, ``values`` fill the template's places. A long list of reasons is cut."""
        why, remedy = _cut(said(self.words, values)), _cut(said(self.remedy, values))
        return Refusal(code=self.code, why=why, who_could=who_could, source=self.source, remedy=remedy)


Decision = tuple[Event, ...] | Refusal
"""What follows from a command: events, none (already so), or a refusal."""

# Duties -----------------------------------------------------------------------------------------------------------------

SYSTEM = "system"
"""The owner of a duty that nobody needs to be asked for: the passing of a date."""


class Duty(Frozen):
    """Who owes what by when, as one room says it. ``part`` is the room; ``name`` is one of the room's ``DUTIES``.

    ``owner`` is an office, a party, or ``system``; ``ladder`` names the reminders that chase it (null: none);
    ``due`` is an instant in UTC, null where no date is owed; money at risk is whole pence a day, indicative. ``pauses``
    are those (UTC, from, to) in which nobody is reminded of it, the due date already moved by them; ``note`` says in a few
    words what besides is so of it (null: nothing).
    """

    part: str
    subject: str
    name: str
    owner: str
    since: Instant
    due: Instant | None
    ladder: str | None = None
    at_risk_per_day_pence: Cap | None = None
    pauses: Pauses = ()
    note: str | None = None


class DutyWords(Frozen):
    """One kind of duty in words: the template serves timers, inboxes, mails and pages alike (``{owner} ... {subject}``)."""

    name: str
    words: str


# Words ------------------------------------------------------------------------------------------------------------------


def said(template: str, values: Mapping[str, object]) -> str:
    """The template with its places filled: pence as pounds, instants as London reads them, tuples as lists, null as "unknown".

    Words after a colon stand before a list, and are left out with it where it is empty: ``{voided:; void: }``. After a whole
    number they are what it counts, of one and of any other number: ``{posts:post|posts}``.
    """
    return template.format_map(_Spoken(values))


@dataclass(frozen=True)
class _Spoken:
    """Values as people say them; what a template does not name is not asked for."""

    values: Mapping[str, object]

    def __getitem__(self, name: str) -> object:
        return _spoken(name, self.values[name])


def _spoken(name: str, value: object) -> object:
    if value is None:
        return "unknown"
    if name.endswith("_pence") and isinstance(value, int):
        return f"{'-' if value < 0 else ''}£{abs(value) // 100:,}.{abs(value) % 100:02}"
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%-d %B %Y, %H:%M}"
    if isinstance(value, tuple):
        return _Listed(", ".join(str(_spoken("", each)) for each in value))
    return _Counted(value) if type(value) is int else value


class _Listed(str):
    """A list as people say it, behind the words that its place in a template has for it; nothing where it is empty."""

    __slots__ = ()

    def __format__(self, before: str) -> str:
        return f"{before}{self!s}" if self else ""


class _Counted(int):
    """A number as people say it, before the words that its place in a template has for what it counts."""

    __slots__ = ()

    def __format__(self, counted: str) -> str:
        one, _, more = counted.partition("|")
        return f"{int(self)} {one if self == 1 else more}" if counted else str(int(self))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _register(registry: dict[Any, Any], key: object, value: object) -> None:
    if key in registry:
        message = f"{key} is registered twice"
        raise ValueError(message)
    registry[key] = value


def line_of(event: Event) -> str:
    """The one line of business words of an event, from its registered template."""
    return said(event.said, fields_of(event))
