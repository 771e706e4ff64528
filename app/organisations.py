"""An organisation as data: ``organisations/<id>/*.yaml`` read, checked as a whole, and turned into its charter.

Four files: ``organisation.yaml`` (name, working days, accounts), ``offices.yaml`` (offices, people, holdings, absences,
cover, delegations), ``duties.yaml`` (ladders of reminders, whose each duty is) and one ``scheme-*.yaml`` an edition of the
scheme of delegation; where papers must pass a board, ``boards.yaml`` too (its meeting days, and whose office keeps its minutes).
Names of people go to the vault only; everything else into the record (docs/organisations.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from app.charter_rules import Written, problems
from app.errors import MalformedFileError, NotFoundError
from app.yaml_file import Path_, YamlFile, read_yaml, typed
from domain import evidence
from domain.calendar import Closures, Window
from domain.keys import Key
from domain.model import Frozen, Identifier, Name
from domain.organisation import Absence, Charter, Cover, Holding, Office, StandingDelegation
from domain.policy import AccessHours, Accounts, Board, DutyPolicy, Ladder, Policy, SchemeEdition

BOARDS = "boards.yaml"
FOLDER = Path(__file__).parent.parent / "organisations"


class ClosedDay(Frozen):
    """A day on which the organisation is closed besides the bank holidays, and why."""

    day: date
    reason: Name


class WorkingDays(Frozen):
    """Where the working days come from: a library's country and division, the days covered, and further closed days."""

    library: Literal["holidays"]
    country: Identifier
    division: Identifier | None = None
    first: date
    last: date
    closed: tuple[ClosedDay, ...] = ()

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last < self.first:
            message = "the last day lies before the first"
            raise ValueError(message)
        return self


class OrganisationFile(Frozen):
    """``organisation.yaml``."""

    organisation: Identifier
    title: Name
    rehearsals_allowed: bool
    working_days: WorkingDays
    accounts: Accounts
    access_hours: AccessHours = 72


class Person(Frozen):
    """A natural person: the opaque id that the record has, and the name that only the vault has."""

    person: Identifier
    name: Name


class OfficesFile(Frozen):
    """``offices.yaml``."""

    offices: tuple[Office, ...]
    people: tuple[Person, ...]
    holdings: tuple[Holding, ...]
    cover: tuple[Cover, ...] = ()
    absences: tuple[Absence, ...] = ()
    delegations: tuple[StandingDelegation, ...] = ()


class DutiesFile(Frozen):
    """``duties.yaml``."""

    ladders: tuple[Ladder, ...]
    duties: tuple[DutyPolicy, ...]


class BoardsFile(Frozen):
    """``boards.yaml``."""

    boards: tuple[Board, ...]


@dataclass(frozen=True)
class Described:
    """An organisation as its folder describes it: the charter for the record, less keys, and names for the vault.

    ``people`` are the ids of its people as they stand in the file.
    """

    charter: Charter
    names: dict[str, str]
    people: list[str]

    def with_keys(self, keys: tuple[Key, ...]) -> Charter:
        """The charter with the gateways' keys that it shall trust."""
        return self.charter.model_copy(update={"keys": keys})


def load(organisation: str, folder: Path = FOLDER) -> Described:
    """The organisation of that id, checked as a whole.

    Raises:
        NotFoundError: no such folder, or one of its files is missing.
        MalformedFileError: what is wrong in one of its files, each with its line and field.

    """
    described, written = as_written(organisation, folder)
    for file, found in problems(written, described.charter, described.people):
        raise MalformedFileError(file.path, found)
    return described


def as_written(organisation: str, folder: Path = FOLDER) -> tuple[Described, Written]:
    """The organisation of that id, each file checked for its shape alone, and the files; names that nobody defines may stand in it.

    Raises:
        As ``load``.

    """
    home = _home(organisation, folder)
    head_file, offices_file, duties_file = (read_yaml(home / name) for name in ("organisation.yaml", "offices.yaml", "duties.yaml"))
    scheme_files = [read_yaml(path) for path in sorted(home.glob("scheme-*.yaml"))]
    head, offices, duties = _head(head_file), typed(offices_file, OfficesFile), typed(duties_file, DutiesFile)
    schemes = tuple(typed(each, SchemeEdition) for each in scheme_files)
    boards_file = read_yaml(home / BOARDS) if (home / BOARDS).exists() else None
    policy = Policy(
        closures=closures(head.working_days),
        ladders=duties.ladders,
        duties=duties.duties,
        schemes=schemes,
        accounts=head.accounts,
        boards=typed(boards_file, BoardsFile).boards if boards_file else (),
        access_hours=head.access_hours,
    )
    charter = Charter(
        organisation=head.organisation,
        title=head.title,
        offices=offices.offices,
        holdings=offices.holdings,
        cover=offices.cover,
        keys=(),
        rehearsals_allowed=head.rehearsals_allowed,
        policy=policy,
        absences=offices.absences,
        delegations=offices.delegations,
    )
    names = {each.person: each.name for each in offices.people}
    written = Written(organisation, head_file, offices_file, duties_file, scheme_files, boards_file)
    return Described(charter, names, [each.person for each in offices.people]), written


def _home(organisation: str, folder: Path) -> Path:
    """The organisation's own folder: in the one given, or the one given itself.

    Raises:
        NotFoundError: neither is there; what to give is said.

    """
    names = list(known(folder))
    if (folder / organisation).is_dir():
        return folder / organisation
    if _is_own(folder) and organisation in names:
        return folder
    if folder == FOLDER:
        message = f"There is no organisation {organisation} among those that come with us; your own: `grants adopt {organisation} --folder FOLDER` first"
    elif names:
        message = f"There is no organisation {organisation} in {folder}; it has: {', '.join(names)}"
    else:
        what = f"organisation {organisation} in" if folder.is_dir() else "folder"
        message = f"There is no {what} {folder}; --folder takes the organisation's own folder, or the one that holds it"
    raise NotFoundError(message)


def people(organisation: str, folder: Path = FOLDER) -> frozenset[str]:
    """The ids of the people that the organisation's folder names; none where there is no such folder.

    Raises:
        MalformedFileError: as ``load``.

    """
    file = folder / organisation / "offices.yaml"
    return frozenset(each.person for each in typed(read_yaml(file), OfficesFile).people) if file.exists() else frozenset()


def known(folder: Path = FOLDER) -> Iterator[str]:
    """The ids of the organisations that are described in the folder, or of the one whose own folder it is.

    Raises:
        MalformedFileError: it is an own folder, and its ``organisation.yaml`` cannot be read.

    """
    return iter([_own_name(folder)]) if _is_own(folder) else (each.parent.name for each in sorted(folder.glob("*/organisation.yaml")))


def _own_name(folder: Path) -> str:
    """What an organisation's own folder is called: as it is given, or as what it links to where its file has that for its id."""
    whole = folder.resolve().name
    given = whole if folder.name in ("", "..") else folder.name
    return whole if typed(read_yaml(folder / "organisation.yaml"), OrganisationFile).organisation == whole else given


def _is_own(folder: Path) -> bool:
    return (folder / "organisation.yaml").is_file()


def digest(charter: Charter) -> str:
    """The digest of the charter's canonical bytes, as ``AdoptOrganisation`` gives it."""
    return evidence.digest(evidence.canonical(charter.model_dump(mode="json")))


def _head(file: YamlFile) -> OrganisationFile:
    """``organisation.yaml``, its country and division among those that the library has."""
    head = typed(file, OrganisationFile)
    if fault := _unknown_place(head.working_days):
        raise MalformedFileError(file.path, [file.problem(*fault)])
    return head


def _unknown_place(rule: WorkingDays) -> tuple[Path_, str] | None:
    import holidays  # noqa: PLC0415  (as below)

    countries = holidays.list_supported_countries(include_aliases=False)
    if rule.country not in countries:
        return ("working_days", "country"), f"'{rule.country}' is no country that the library knows: its ISO code, such as GB, IE, JE"
    divisions = countries[rule.country]
    if rule.division is None or rule.division in divisions:
        return None
    such = f"its code, such as {', '.join(divisions[:3])}" if divisions else "it has none"
    return ("working_days", "division"), f"'{rule.division}' is no division of {rule.country} that the library knows: {such}"


@cache
def closures(rule: WorkingDays) -> Closures:
    """The table of closed days: the library's, as this version of it knows them, and the organisation's own."""
    import holidays  # noqa: PLC0415  (a large library that only this and the check of its places need)

    found = holidays.country_holidays(rule.country, subdiv=rule.division, years=range(rule.first.year, rule.last.year + 1))
    days = {day for day in found if rule.first <= day <= rule.last} | {each.day for each in rule.closed}
    source = f"{rule.library} {version(rule.library)}, {rule.country}{'-' if rule.division else ''}{rule.division or ''}"
    return Closures(source=source, window=Window(first=rule.first, last=rule.last), days=tuple(sorted(days)))
