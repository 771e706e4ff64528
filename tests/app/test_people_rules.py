"""What is wrong with an organisation's people in its files is said with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.errors import MalformedFileError
from app.organisations import FOLDER, load

COVER = "cover:\n"
SCHEME = "scheme-2016-10.yaml"
MORE = """
absences:
  - {person: p-legal, first: 2021-02-01, last: 2021-02-05, reason: Leave (invented)}
delegations:
  - {delegation: returns, acts: [CertifyReturn], to: finance, limit_pence: "£10,000", first: 2021-01-01, last: 2021-12-31, decision: D 7, words: Small returns}
"""
CIRCLE = """
  - {person: p-deputy-mayor, principal: p-chief-executive, office: chief-executive, first: 2021-01-15, last: 2021-01-20, reason: Circle}
"""
LONGER = """
  - {person: p-legal, principal: p-chief-executive, office: chief-executive, first: 2021-01-12, last: 2021-01-20, reason: Circle}
  - {person: p-deputy-mayor, principal: p-legal, office: legal, first: 2021-01-13, last: 2021-01-13, reason: Circle}
"""
AFTER = """
  - {person: p-deputy-mayor, principal: p-chief-executive, office: chief-executive, first: 2021-01-16, last: 2021-01-20, reason: The week after}
"""
SELF = """
  - {person: p-legal, principal: p-legal, office: legal, first: 2021-01-12, last: 2021-01-20, reason: Alone}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER / "mopac", tmp_path / "mopac")
    return tmp_path


def faults(folder: Path, file: str, old: str, new: str) -> str:
    path = folder / "mopac" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(MalformedFileError) as raised:
        load("mopac", folder)
    return str(raised.value)


def with_more(folder: Path, more: str = MORE) -> None:
    path = folder / "mopac" / "offices.yaml"
    path.write_text(path.read_text() + more)


def test_absences_and_standing_delegations_come_into_the_charter(folder: Path) -> None:
    with_more(folder)
    charter = load("mopac", folder).charter
    assert [(each.person, str(each.last)) for each in charter.absences] == [("p-legal", "2021-02-05")]
    assert [(each.delegation, each.acts, each.limit_pence) for each in charter.delegations] == [("returns", ("CertifyReturn",), 1_000_000)]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("person: p-legal, first: 2021-02-01", "person: nobody, first: 2021-02-01", "absences.0.person: there is no person nobody"),
        ("last: 2021-02-05", "last: 2021-01-31", "absences.0.last: lies before the first day"),
        ("to: finance, limit", "to: nobody, limit", "delegations.0.to: there is no office nobody"),
        ("acts: [CertifyReturn]", "acts: [Certify]", "delegations.0.acts: there is no command Certify"),
        ("acts: [CertifyReturn]", "acts: [DecideStep]", "delegations.0.acts: no edition of the scheme gives DecideStep to an office"),
        ("last: 2021-12-31, decision", "last: 2020-12-31, decision", "delegations.0.last: lies before the first day"),
    ],
)
def test_what_is_wrong_with_an_absence_or_a_delegation_is_named(folder: Path, old: str, new: str, fault: str) -> None:
    with_more(folder)
    assert fault in faults(folder, "offices.yaml", old, new)


def test_a_delegation_stands_once(folder: Path) -> None:
    with_more(folder, MORE + MORE.split("delegations:\n")[1])
    with pytest.raises(MalformedFileError, match=r"delegations\.1\.delegation: returns stands twice"):
        load("mopac", folder)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (CIRCLE, r"cover\.0\.principal: on 2021-01-15 p-chief-executive would stand in for p-deputy-mayor"),
        (CIRCLE, r"cover\.1\.principal: on 2021-01-15"),
        (LONGER, r"cover\.0\.principal: on 2021-01-13"),
        (SELF, r"cover\.1\.principal: p-legal cannot stand in for themselves"),
    ],
)
def test_cover_that_leads_back_to_whoever_gives_it_is_refused(folder: Path, more: str, fault: str) -> None:
    with_more(folder, more)
    with pytest.raises(MalformedFileError, match=fault):
        load("mopac", folder)


def test_two_who_cover_each_other_in_different_weeks_go_in_no_circle(folder: Path) -> None:
    with_more(folder, AFTER)
    assert len(load("mopac", folder).charter.cover) == 2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("one: DraftBid, other: SubmitBid", "one: DraftBid, other: Submit", "pairs.0.other: Submit is no act that a pair can name"),
        ("one: DraftBid, other: SubmitBid", "one: RecordCosts, other: SubmitBid", "pairs.0.one: RecordCosts is no act that a pair can name"),
        ("one: DraftBid, other: SubmitBid", "one: DraftBid, other: DraftBid", "pairs.0.other: a pair is of two acts"),
        ("pair: bid-and-decision", "pair: bid-and-sign-off", "pairs.1.pair: bid-and-sign-off stands twice"),
    ],
)
def test_what_is_wrong_with_a_pair_is_named(folder: Path, old: str, new: str, fault: str) -> None:
    assert fault in faults(folder, SCHEME, old, new)
