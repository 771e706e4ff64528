"""The scheme of delegation as people question it before anything is submitted: whether it is whole, which way a paper would go, and why.

Nothing here writes, and no server is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app import organisations
from app.command_file import Content, command_of
from app.errors import MisusedError, NotFoundError
from app.home import Home
from app.reader import Reader, reading
from domain.asking import routed
from domain.between import Between
from domain.drafting import DraftPaper, EditPaper
from domain.grant import Grant
from domain.model import Refusal
from domain.organisation import Charter, Organisation
from domain.policy import SchemeEdition
from domain.scheme import Asked, AskedItem, Route, Step, route
from domain.scheme_check import findings
from domain.scheme_holes import KINDS, VERBS
from store.errors import NoRecordError

View = dict[str, Any]
ONE_ITEM = "1"


@dataclass(frozen=True)
class WhatIf:
    """A paper that nobody has drafted, with one item; amounts are whole pence.

    ``cumulative_pence`` is what the whole grant would come to (null: as much as is asked), ``base_pence`` what it was given
    before its variations (null: all of it but what a variation asks).
    """

    verbs: tuple[str, ...]
    kind: str | None
    pence: int
    cumulative_pence: int | None = None
    base_pence: int | None = None
    business_case_pence: int | None = None
    retrospective: bool = False
    novel: bool = False
    contentious: bool = False
    repercussive: bool = False
    terms_changed: bool = False
    marks: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()

    def asked(self) -> Asked:
        """What the scheme would know of such a paper.

        Raises:
            MisusedError: a verb or a kind of instrument that there is not, or a value that can be none.

        """
        for word, known in ((self.kind, KINDS), *((verb, VERBS) for verb in self.verbs)):
            if word is not None and word not in known:
                message = f"There is no {word}: {', '.join(known)}"
                raise MisusedError(message)
        whole = max(self.pence, self.cumulative_pence or 0)
        before = self.base_pence if self.base_pence is not None else whole - (self.pence if self.kind == "variation" else 0)
        try:
            return Asked(
                items=(AskedItem(item=ONE_ITEM, verbs=self.verbs, kind=self.kind),),
                pence=self.pence,
                cumulative_pence=max(whole, self.business_case_pence or 0),
                retrospective=self.retrospective,
                novel=self.novel,
                boards=self.boards,
                contentious=self.contentious,
                repercussive=self.repercussive,
                terms_changed=self.terms_changed,
                business_case_pence=self.business_case_pence,
                marks=self.marks,
                base_pence=before,
                varied_pence=max(0, whole - before),
            )
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False, include_input=False))
            message = f"There can be no such paper: {'; '.join(faults)}"
            raise MisusedError(message) from error


def check(charter: Charter, day: date) -> list[View]:
    """What is wrong or doubtful in an organisation's scheme, faults first."""
    return [{"organisation": charter.organisation, **each.model_dump(mode="json")} for each in findings(charter, day)]


def charter(home: Home, organisation: str, folder: Path | None) -> Charter:
    """The organisation as a folder describes it if one is named, else as the record has it, else as it comes with this program.

    Raises:
        NotFoundError, MalformedFileError: as ``organisations.load``, but for names that nobody defines.

    """
    known = None if folder else recorded(home, organisation).charter
    return known or organisations.as_written(organisation, folder or organisations.FOLDER)[0].charter


def recorded(home: Home, organisation: str) -> Organisation:
    """The organisation as this home's record has it; without a charter where it has none, or where there is no record yet."""
    try:
        with reading(home) as reader:
            return reader.organisation(organisation)
    except NoRecordError:
        return Organisation(stream=f"organisation/{organisation}")


def what_if(found: Charter, wish: WhatIf, day: date) -> View:
    """The route of a paper that nobody has drafted, under the edition in force on a London day; or the refusal."""
    edition, asked = found.policy.scheme_on(day), wish.asked()
    way = route(edition, asked, [each.office for each in found.offices], day, [each.board for each in found.policy.boards])
    return _view(edition, asked, way, found, day)


def of_file(reader: Reader, grant: Grant, path: Path, text: bytes, content: Content, day: date) -> View:
    """The route of a paper as a command file would draft or edit it, for a grant as it stands, submitted on a London day.

    Raises:
        MalformedFileError, MisusedError: the file, or it drafts no paper.
        NotFoundError: the grant's organisation is not in the record.

    """
    command = command_of(path, text, grant.id, content, lambda plain, _: plain)
    kinds: Mapping[str, type[DraftPaper | EditPaper]] = {each.__name__: each for each in (DraftPaper, EditPaper)}
    if command.type not in kinds:
        message = f"{path} is no paper but {command.type}: a route is that of {' or '.join(kinds)}"
        raise MisusedError(message)
    contents = kinds[command.type].model_validate(command.body, strict=False).contents()
    organisation = reader.organisation_of(grant)
    if organisation.charter is None:
        message = f"{organisation.stream} is not in the record"
        raise NotFoundError(message)
    known = Between(grant, organisation, {}).to_approval()
    found = routed(contents, day, day, known)
    asked, way = (None, found) if isinstance(found, Refusal) else found
    return _view(known.policy.scheme_on(day), asked, way, organisation.charter, day)


def _view(edition: SchemeEdition | None, asked: Asked | None, way: Route | Refusal, found: Charter, day: date) -> View:
    refused = way.model_dump(mode="json") if isinstance(way, Refusal) else None
    laid = None if isinstance(way, Refusal) else way
    return {
        "organisation": found.organisation,
        "day": day.isoformat(),
        "edition": edition.edition if edition else None,
        "scheme": edition.title if edition else None,
        "asked": asked.model_dump(mode="json") if asked else None,
        "steps": [_step(each, edition, found) for each in laid.steps] if laid else [],
        "short": [{"office": each.office, "limit_pence": each.limit_pence, **_reason(each.reason.model_dump(), edition)} for each in laid.short]
        if laid
        else [],
        "refused": refused,
    }


def _step(step: Step, edition: SchemeEdition | None, found: Charter) -> View:
    titles = {each.office: each.title for each in found.offices} | {each.board: each.title for each in found.policy.boards}
    return {
        **step.model_dump(mode="json", exclude={"reasons"}),
        "whose": step.whose,
        "title": titles.get(step.whose, step.whose),
        "reasons": [_reason(each.model_dump(), edition) for each in step.reasons],
    }


def _reason(reason: View, edition: SchemeEdition | None) -> View:
    """A reason with the limit that its rule states: whole pence, any, or null where it states none."""
    limits = {each.rule: each.limit_pence for each in edition.rules} if edition else {}
    return {**reason, "rule_limit_pence": limits.get(reason["rule"])}
