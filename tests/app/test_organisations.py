"""An organisation as data: ours holds together, and a broken one is refused with file, line and field."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

import domain.grant
from app import organisations
from app.charter_rules import OWN_ACTS
from app.errors import MalformedFileError, NotFoundError
from app.organisations import FOLDER, digest, known, load
from domain.calendar import Closures
from domain.model import COMMANDS
from domain.organisation import Organisation

MOPAC = load("mopac")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER / "mopac", tmp_path / "mopac")
    return tmp_path


def faults(folder: Path, file: str, old: str, new: str) -> list[str]:
    path = folder / "mopac" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(MalformedFileError) as raised:
        load("mopac", folder)
    assert raised.value.path == path
    return [f"{each.field}: {each.what}" for each in raised.value.problems if line(path, each.line)]


def line(path: Path, number: int) -> str:
    return path.read_text().splitlines()[number - 1]


@pytest.mark.parametrize("name", list(known()))
def test_every_organisation_that_comes_with_us_holds_together(name: str) -> None:
    charter = load(name).charter
    assert charter.organisation == name
    assert all(charter.policy.scheme_on(each.first) == each for each in charter.policy.schemes)
    assert charter.policy.scheme_on(charter.policy.closures.window.last) is not None


def test_every_act_is_somebodys_by_mandate_but_for_those_that_need_none() -> None:
    scheme = MOPAC.charter.policy.schemes[0]
    acts = {name for name, command in COMMANDS.items() if command.kind == "act"} - OWN_ACTS
    assert {each.act for each in scheme.mandates} == acts


def test_every_duty_of_the_rooms_has_an_owner() -> None:
    of_system = {("recovery", "return.opened"), ("recovery", "year.ended"), ("exit", "exit.triggered"), ("approval", "resume"), ("restricted", "access.lapsed")}
    by_mandate = {("restricted", "access.confirmed")}
    assert {(each.part, each.duty) for each in MOPAC.charter.policy.duties} == set(domain.grant.WORDS) - of_system - by_mandate


def test_names_of_people_are_not_in_the_charter() -> None:
    text = MOPAC.charter.model_dump_json()
    assert MOPAC.names["p-deputy-mayor"].startswith("Invented")
    assert not [name for name in MOPAC.names.values() if name in text]


def test_every_holder_is_clearly_invented() -> None:
    assert all(name.startswith("Invented ") and "Specimen" in name for name in MOPAC.names.values())


def test_every_office_is_held_on_every_day_of_the_scheme() -> None:
    organisation = Organisation(stream="organisation/mopac", charter=MOPAC.charter)
    assert all(organisation.holders(each.office, day) for each in MOPAC.charter.offices for day in (date(2016, 10, 1), date(2030, 1, 1)))


def test_the_same_folder_has_the_same_digest() -> None:
    organisations.closures.cache_clear()
    assert digest(load("mopac").charter) == digest(MOPAC.charter)


@pytest.mark.parametrize(
    ("since", "working_days", "until"),
    [
        ("2020-12-31", 10, "2021-01-15"),
        ("2021-03-31", 10, "2021-04-16"),
        ("2021-04-30", 21, "2021-06-02"),
        ("2021-04-30", 30, "2021-06-15"),
        ("2022-04-05", 5, "2022-04-12"),
        ("2022-09-12", 5, "2022-09-20"),
        ("2023-04-28", 10, "2023-05-16"),
        ("2020-04-30", 5, "2020-05-07"),
    ],
)
def test_working_days_are_those_of_england_and_wales(since: str, working_days: int, until: str) -> None:
    closures = MOPAC.charter.policy.closures
    assert closures.add(date.fromisoformat(since), working_days) == date.fromisoformat(until)


def test_the_table_of_working_days_says_which_library_made_it() -> None:
    assert re.fullmatch(r"holidays \d+\.\d+, GB-ENG", MOPAC.charter.policy.closures.source)


def test_an_organisation_may_be_closed_on_days_of_its_own(folder: Path) -> None:
    path = folder / "mopac" / "organisation.yaml"
    path.write_text(path.read_text().replace("closed: []", "closed: [{day: 2020-12-24, reason: Closed}]"))
    closures: Closures = load("mopac", folder).charter.policy.closures
    assert not closures.is_working(date(2020, 12, 24))


def test_an_organisation_that_nobody_described_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no organisation nobody among those that come with us; your own: `grants adopt nobody --folder FOLDER` first"):
        load("nobody")
    with pytest.raises(NotFoundError, match="no organisation mopac"):
        load("mopac", tmp_path)


def test_an_organisation_is_found_by_its_own_folder_as_by_the_one_that_holds_it(folder: Path) -> None:
    assert load("mopac", folder / "mopac") == load("mopac", folder) == MOPAC
    assert list(known(folder / "mopac")) == list(known(folder)) == ["mopac"]


@pytest.mark.parametrize("given", ["mopac", "mopac/", "./mopac", "mopac/.", "mopac/../mopac"])
def test_an_own_folder_that_is_a_link_has_the_name_under_which_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    shutil.copytree(FOLDER / "mopac", tmp_path / "release-7")
    (tmp_path / "mopac").symlink_to("release-7")
    monkeypatch.chdir(tmp_path)
    assert load("mopac", Path(given)) == load("mopac", tmp_path / "mopac") == MOPAC


def test_a_link_of_another_name_stands_for_the_own_folder_that_it_leads_to(folder: Path) -> None:
    (folder / "current").symlink_to("mopac")
    assert load("mopac", folder / "current") == MOPAC
    assert list(known(folder / "current")) == ["mopac"]


@pytest.mark.parametrize(("where", "given"), [("mopac", "."), ("mopac", ""), ("mopac/below", "..")])
def test_an_own_folder_in_which_one_stands_has_its_own_name(folder: Path, monkeypatch: pytest.MonkeyPatch, where: str, given: str) -> None:
    (folder / "mopac" / "below").mkdir()
    monkeypatch.chdir(folder / where)
    assert load("mopac", Path(given)) == MOPAC


def test_the_own_folder_of_another_organisation_is_not_taken_for_it(folder: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no organisation trust in .*mopac; it has: mopac$"):
        load("trust", folder / "mopac")


def test_whoever_names_a_folder_is_told_what_it_has_and_what_to_give(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no organisation trust in .*; it has: mopac$"):
        load("trust", folder)
    with pytest.raises(NotFoundError, match=r"no folder .*elsewhere; --folder takes the organisation's own folder, or the one that holds it"):
        load("mopac", tmp_path / "elsewhere")
    (tmp_path / "bare").mkdir()
    with pytest.raises(NotFoundError, match=r"no organisation mopac in .*bare; --folder takes the organisation's own folder, or the one that holds it"):
        load("mopac", tmp_path / "bare")


def test_a_missing_file_is_not_found(folder: Path) -> None:
    (folder / "mopac" / "duties.yaml").unlink()
    with pytest.raises(NotFoundError, match=r"duties\.yaml"):
        load("mopac", folder)


URGENT = "urgency:\n  - rule: chief-executive-urgency\n    office: {}"


def test_a_ladder_may_escalate_to_the_superior_of_whoever_owes(folder: Path) -> None:
    path = folder / "mopac" / "duties.yaml"
    path.write_text(path.read_text().replace("to: mps-chief-finance-officer", "to: superior"))
    (found,) = (each for each in load("mopac", folder).charter.policy.ladders if each.ladder == "return")
    assert [each.to for each in found.rungs] == [None, None, "superior", "chief-finance-officer"]


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("organisation.yaml", "organisation: mopac", "organisation: mopack", "organisation: the folder is named mopac, not mopack"),
        ("organisation.yaml", "last: 2040-12-31", "last: 2015-12-31", "working_days: value error, the last day lies before the first"),
        ("organisation.yaml", "country: GB", "country: Narnia", "country: 'Narnia' is no country that the library knows: its ISO code, such as GB, IE, JE"),
        ("organisation.yaml", "country: GB", "country: Jersey", "country: 'Jersey' is no country that the library knows: its ISO code"),
        ("organisation.yaml", "division: ENG", "division: England", "division: 'England' is no division of GB that the library knows: its code, such as ENG"),
        ("organisation.yaml", "country: GB", "country: JE", "working_days.division: 'ENG' is no division of JE that the library knows: it has none"),
        ("organisation.yaml", "rehearsals_allowed: true", "rehearsals_allowed: perhaps", "rehearsals_allowed: input should be a valid boolean"),
        ("organisation.yaml", "  bank: assets:bank", "  banque: assets:bank", "accounts.banque: extra inputs are not permitted"),
        ("offices.yaml", "superior: chief-executive}", "superior: nobody}", "offices.2.superior: there is no office nobody"),
        ("offices.yaml", "{office: chief-executive,", "{office: deputy-mayor,", "offices.1.office: deputy-mayor stands twice"),
        (
            "offices.yaml",
            "title: Deputy Mayor for Policing and Crime}",
            "title: Deputy Mayor, superior: grants-team}",
            "offices.0.superior: deputy-mayor would stand above itself",
        ),
        ("offices.yaml", "{person: p-finance, office: finance,", "{person: p-nobody, office: finance,", "holdings.3.person: there is no person p-nobody"),
        ("offices.yaml", "office: legal, first", "office: law, first", "holdings.4.office: there is no office law"),
        ("offices.yaml", "last: 2021-01-15", "last: 2021-01-10", "cover.0.last: lies before the first day"),
        ("offices.yaml", "last: 2021-01-15", "last: 2021-02-30", "cover.0.last: input should be a valid date"),
        ("offices.yaml", "principal: p-deputy-mayor", "principal: p-legal", "cover.0.principal: p-legal never holds the office deputy-mayor"),
        ("offices.yaml", "acts: [DecideStep,", "acts: [Decide,", "cover.0.acts: there is no command Decide"),
        ("offices.yaml", "{office: legal, title", "{office: superior, title", "offices.4.office: no office is named superior"),
        (
            "duties.yaml",
            "working_days: 1, to: chief-executive}\n  - ladder: return",
            "working_days: 1, to: superior}\n  - ladder: return",
            "ladder: decision escalates to the superior of deputy-mayor, which has none",
        ),
        (
            "scheme-2016-10.yaml",
            "urgency:\n  - rule: chief-executive-urgency\n    office: chief-executive",
            URGENT.format("nobody"),
            "urgency.0.office: there is no office nobody",
        ),
        ("scheme-2016-10.yaml", "limit_pence: £250,000", "limit_pence: null", "urgency.0.limit_pence: a blank limit decides nothing"),
        ("duties.yaml", "to: mps-chief-finance-officer", "to: mps-cfo", "ladders.2.rungs.2.to: there is no office mps-cfo"),
        ("duties.yaml", "owner: mps-finance, ladder: return", "owner: mps-finances, ladder: return", "owner: there is no office mps-finances"),
        ("duties.yaml", "ladder: funder, working_days: 30", "ladder: funders, working_days: 30", "ladder: there is no ladder funders"),
        ("duties.yaml", "working_days: -10", "working_days: soon", "ladders.2.rungs.0.working_days: input should be a valid integer"),
        ("duties.yaml", "duty: submit,", "duty: send,", "approval owes no duty send"),
        ("scheme-2016-10.yaml", "office: legal", "office: law", "rules.1.office: there is no office law"),
        ("scheme-2016-10.yaml", "ladder: decision", "ladder: decisions", ".ladder: there is no ladder decisions"),
        ("scheme-2016-10.yaml", "    board: investment-board", "    board: another-board", ".board: there is no board another-board"),
        (
            "scheme-2016-10.yaml",
            "office: mps-board-secretary",
            "office: finance",
            ".office: the minutes of investment-board are its secretary's: mps-board-secretary",
        ),
        ("scheme-2016-10.yaml", "boards: [investment-board]", "boards: [another-board]", ".when.boards: there is no board another-board"),
        ("scheme-2016-10.yaml", "says: gate", "says: advise", "a gate names its board, and nothing else does"),
        ("boards.yaml", "secretary: mps-board-secretary", "secretary: nobody", "boards.0.secretary: there is no office nobody"),
        ("boards.yaml", "board: investment-board", "board: finance", "boards.0.board: finance is the name of another board, or of an office"),
        ("boards.yaml", "2018-09-11, 2018-10-09", "2018-10-09, 2018-10-09", "boards.0.meetings.1: the meeting of 2018-10-09 stands twice"),
        ("scheme-2016-10.yaml", "act: OpenGrant", "act: Open", "mandates.1.act: Open is no act that a mandate allows"),
        ("scheme-2016-10.yaml", "act: OpenGrant", "act: RecordCosts", "mandates.1.act: RecordCosts is no act that a mandate allows"),
        ("scheme-2016-10.yaml", "last: null", "last: 2016-09-30", "last: lies before the first day"),
        ("scheme-2016-10.yaml", "limit_pence: any", "limit_pence: much", "limit_pence"),
        ("scheme-2016-10.yaml", "    office: legal", "    office: legal\n    stand_in: [law]", "rules.1.stand_in: there is no other office law"),
        ("scheme-2016-10.yaml", "    office: legal", "    office: legal\n    stand_in: [legal]", "rules.1.stand_in: there is no other office legal"),
        ("scheme-2016-10.yaml", "    office: legal", "    office: legal\n    quorum: 1", "rules.1: value error, a quorum is that of a group"),
        ("scheme-2016-10.yaml", "    office: legal", "    office: legal\n    group: g\n    quorum: 2", "rules.1.quorum: g has only 1"),
        ("scheme-2016-10.yaml", "verbs: [approve], inst", "verbs: [aprove], inst", ".when.verbs: there is no verb aprove"),
        ("scheme-2016-10.yaml", "instruments: [variation]", "instruments: [variations]", ".when.instruments: there is no instrument variations"),
        (
            "scheme-2016-10.yaml",
            "urgency:\n",
            "urgency:\n  - {rule: u, office: law, limit_pence: any, because: b, source: s, assumed: true}\n",
            "urgency.0.office: there is no office law",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_field(folder: Path, file: str, old: str, new: str, fault: str) -> None:
    assert any(fault in each for each in faults(folder, file, old, new))


def test_a_group_whose_steps_differ_is_named_with_each_of_its_rules(folder: Path) -> None:
    path = folder / "mopac" / "scheme-2016-10.yaml"
    text = path.read_text().replace("    office: finance\n", "    office: finance\n    group: g\n    quorum: 1\n", 1)
    path.write_text(text.replace("    office: legal\n", "    office: legal\n    group: g\n", 1))
    with pytest.raises(MalformedFileError) as raised:
        load("mopac", folder)
    assert [f"{each.field}: {each.what}" for each in raised.value.problems] == [f"rules.{n}.group: the steps of g differ in their quorum" for n in (0, 1)]


def test_a_scheme_may_use_every_word_that_there_is_for_it(folder: Path) -> None:
    path = folder / "mopac" / "scheme-2016-10.yaml"
    urgent = "urgency:\n  - {rule: u, office: chief-executive, limit_pence: any, because: b, source: s, assumed: true}\n"
    pairs = "pairs:\n  - {pair: p, one: DraftBid, other: SubmitBid, within: grant, because: b, source: s, assumed: true}\n"
    text = path.read_text().replace("urgency:\n", urgent, 1).replace("pairs:\n", pairs, 1)
    for office, more in (("finance", "\n    stand_in: [legal]"), ("legal", "")):
        text = text.replace(f"    office: {office}\n", f"    office: {office}{more}\n    group: g\n    quorum: 1\n", 1)
    path.write_text(text)
    scheme = load("mopac", folder).charter.policy.schemes[0]
    assert [(each.stand_in, each.group, each.quorum) for each in scheme.rules[:2]] == [(("legal",), "g", 1), ((), "g", 1)]
    assert (scheme.urgency[0].office, scheme.pairs[0].within) == ("chief-executive", "grant")


def test_two_editions_of_a_scheme_do_not_overlap(folder: Path) -> None:
    shutil.copy(folder / "mopac" / "scheme-2016-10.yaml", folder / "mopac" / "scheme-2022.yaml")
    with pytest.raises(MalformedFileError, match=r"scheme-2022\.yaml:\d+: first: overlaps the edition 2016-10"):
        load("mopac", folder)
