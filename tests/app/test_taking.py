"""The verbs of the command line: whose step is meant, what each item gets, and that nobody answers a paper unseen."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from app.cli import completing
from app.cli.confirming import _item
from app.cli.main import app, run
from app.errors import MisusedError, NotFoundError
from app.home import Home
from app.item_answers import answers
from app.reader import Reader, reading
from app.step_asked import Answer, StepAsked, Verdict
from app.taking import VERBS, Meant, command_of, meant
from domain.grant import typed
from domain.model import Command, CommandBody
from domain.organisation import Cover
from domain.paper import Contents
from domain.steps import Passed
from tests.domain.papers import CAPABILITY, FACTS, item

NOW = datetime.now(UTC)
DECIDES = Answer("DecideStep", "approve", ("decide",), {"outcomes": [{"item": "1", "outcome": "approved"}]})
ADVISES = Answer("AdviseStep", "advise on", ("advise",), {"comment": "Affordable"})
ASIDE = Answer("RecuseStep", "step aside from", ("advise", "gate", "decide"), {"reason": "A friend"})
RETURNS = Answer("SendBackStep", "send back", ("advise", "gate", "decide"), {"reason": "The sum is not shown"})

CONTENTS = Contents(paper="PCD 914", title="Variation", items=(item(), CAPABILITY), documents=(), facts=FACTS)


@pytest.fixture
def reader(home: Home) -> Iterator[Reader]:
    with reading(home) as found:
        yield found


def asked(step: str = "more-money", person: str = "p-deputy-mayor", **more: Any) -> StepAsked:
    return StepAsked("today", step, person, **more)


def command(reader: Reader, answer: Answer, said: StepAsked | None = None, *, shown: bool = False) -> Command:
    said = said or asked()
    return command_of(meant(reader, said, NOW), said, answer, shown=shown)


# Whose step is meant ----------------------------------------------------------------------------------------------------


def test_the_open_step_of_the_person_is_meant_over_the_paper_as_it_stands(reader: Reader) -> None:
    sent = command(reader, DECIDES)
    paper = reader.grant("today").approval.papers["more-money"]
    assert (sent.type, sent.body["office"], sent.content, sent.at) == ("DecideStep", "deputy-mayor", paper.contents.digest(), None)
    assert isinstance(typed(sent), CommandBody)


def test_a_digest_that_is_given_binds_what_was_seen_before(reader: Reader) -> None:
    assert command(reader, DECIDES, asked(content="0" * 64)).content == "0" * 64


@pytest.mark.parametrize("digits", [8, 12, 63, 64])
def test_a_digest_may_be_given_by_its_beginning_where_the_paper_is_shown_and_stands_so(reader: Reader, digits: int) -> None:
    content = meant(reader, asked(), NOW).content
    assert command(reader, DECIDES, asked(content=content[:digits]), shown=True).content == content


@pytest.mark.parametrize("digits", [0, 7, 8, 63])
def test_where_the_paper_is_not_shown_only_the_whole_digest_binds(reader: Reader, digits: int) -> None:
    content = meant(reader, asked(), NOW).content
    with pytest.raises(MisusedError, match=r"takes the whole digest, all 64 digits.*`grants show --json` has it"):
        command(reader, DECIDES, asked(content=content[:digits]))
    assert command(reader, DECIDES, asked(content=content)).content == content


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (lambda now: now[:7], "at least 8 digits of the digest"),
        (lambda now: f"{now[:11]}{'0' if now[11] != '0' else '1'}", "more-money does not stand so"),
        (lambda now: f"{now}0", "content: String should"),
        (lambda _: "", "at least 8 digits of the digest"),
    ],
)
def test_a_beginning_is_never_guessed_at(reader: Reader, given: Callable[[str], str], fault: str) -> None:
    with pytest.raises(MisusedError, match=fault):
        command(reader, DECIDES, asked(content=given(meant(reader, asked(), NOW).content)), shown=True)


def test_who_has_no_open_step_is_answered_by_the_rules_where_only_one_can_be_meant(reader: Reader) -> None:
    assert command(reader, DECIDES, asked(person="p-grants")).body["office"] == "deputy-mayor"
    assert command(reader, ADVISES, asked(person="p-finance")).body["office"] == "finance"


def test_where_several_steps_can_be_meant_they_are_listed_and_naming_one_suffices(reader: Reader) -> None:
    with pytest.raises(MisusedError, match="name one: more-money/finance, more-money/legal, more-money/chief-finance-officer"):
        command(reader, ADVISES, asked(person="p-grants"))
    assert command(reader, ADVISES, asked("more-money/legal", "p-grants")).body["office"] == "legal"


def test_a_verb_for_which_the_route_has_no_step_is_told_so(reader: Reader) -> None:
    minutes = Answer("MinuteStep", "minute", ("gate",), names="board")
    with pytest.raises(MisusedError, match="nobody can minute more-money on its route"):
        command(reader, minutes, asked(person="p-grants"))
    assert command(reader, minutes, asked("more-money/board")).body == {"paper": "more-money", "board": "board"}


def test_who_has_an_open_step_of_another_kind_is_told_the_verbs_for_it(reader: Reader) -> None:
    with pytest.raises(
        MisusedError, match="p-deputy-mayor: the step of more-money that is open to them, more-money/deputy-mayor, is taken with `grants approve`"
    ):
        command(reader, ADVISES)
    legal = asked(person="p-legal")
    found = meant(reader, legal, NOW)
    begun = replace(found, paper=replace(found.paper, steps=tuple(replace(each, said=None) for each in found.paper.steps)))
    with pytest.raises(MisusedError, match="more-money/legal, is taken with `grants advise` or `grants endorse`; nothing was sent"):
        command_of(begun, legal, DECIDES)
    named = asked("more-money/deputy-mayor", "p-legal")
    assert command_of(replace(begun, office="deputy-mayor"), named, DECIDES).body["office"] == "deputy-mayor"
    assert command(reader, DECIDES, legal).body["office"] == "deputy-mayor"


def test_every_verb_that_is_named_for_a_kind_of_step_is_one_of_the_command_line() -> None:
    known = {each.name or (each.callback.__name__ if each.callback else "") for each in app.registered_commands}
    named = {each.removeprefix("`grants ").removesuffix("`") for words in VERBS.values() for each in re.findall("`grants [a-z-]+`", words)}
    assert named == {"advise", "endorse", "minute", "approve", "decline", "defer", "note"}
    assert named <= known


def test_any_kind_of_step_can_be_sent_back(reader: Reader) -> None:
    assert command(reader, RETURNS).body == {"paper": "more-money", "reason": "The sum is not shown", "office": "deputy-mayor"}


def test_what_is_about_the_paper_alone_names_no_office(reader: Reader) -> None:
    assert command(reader, Answer("ResumePaper", "resume", ())).body == {"paper": "more-money"}


def test_of_several_steps_only_the_open_ones_are_listed(reader: Reader) -> None:
    found = meant(reader, asked(person="p-grants"), NOW)
    begun = replace(found, paper=replace(found.paper, steps=tuple(replace(each, said=None) for each in found.paper.steps)))
    with pytest.raises(MisusedError, match=r"name one: more-money/finance, more-money/legal$"):
        command_of(begun, asked(person="p-grants"), RETURNS)


def test_whoever_covers_the_holder_of_the_one_open_step_is_told_to_name_them(reader: Reader) -> None:
    deputised = datetime(2021, 1, 12, 10, tzinfo=UTC)
    said = asked(person="p-chief-executive")
    found = replace(meant(reader, said, NOW), now=deputised)
    with pytest.raises(MisusedError, match="p-chief-executive: the open step of more-money is that of p-deputy-mayor; add --for p-deputy-mayor"):
        command_of(found, said, RETURNS)
    for told in (asked(person="p-chief-executive", principal="p-deputy-mayor"), asked("more-money/deputy-mayor", "p-chief-executive")):
        assert command_of(replace(meant(reader, told, NOW), now=deputised), told, RETURNS).body["office"] == "deputy-mayor"


def covering(reader: Reader, *acts: str, principal: str = "p-finance") -> Meant:
    """Nobody has said anything yet; the chief finance officer, whose step comes later, covers finance, whose step is open."""
    found = meant(reader, asked(person="p-chief-finance"), NOW)
    charter, first, last = found.organisation.charter, (NOW - timedelta(days=2)).date(), (NOW + timedelta(days=2)).date()
    assert charter
    cover = Cover(person="p-chief-finance", principal=principal, office="finance", first=first, last=last, acts=acts, reason="away")
    organisation = found.organisation.model_copy(update={"charter": charter.model_copy(update={"cover": (*charter.cover, cover)})})
    return replace(found, now=NOW, organisation=organisation, paper=replace(found.paper, steps=tuple(replace(each, said=None) for each in found.paper.steps)))


def test_whoever_covers_an_open_step_while_their_own_comes_later_is_told_to_name_the_principal(reader: Reader) -> None:
    said, found = asked(person="p-chief-finance"), covering(reader)
    with pytest.raises(MisusedError, match="p-chief-finance: the open step of more-money is that of p-finance; add --for p-finance"):
        command_of(found, said, ADVISES)
    advice = found.grant.approval.papers["more-money"].steps[1]
    spoken = tuple(replace(each, said=None if each.step.whose == "finance" else advice.said) for each in found.paper.steps)
    assert command_of(replace(found, paper=replace(found.paper, steps=spoken)), said, ADVISES).body["office"] == "chief-finance-officer"


@pytest.mark.parametrize(
    ("answer", "acts", "principal"),
    [(ASIDE, (), "p-finance"), (ADVISES, ("DecideStep",), "p-finance"), (ADVISES, (), "p-legal"), (ADVISES, (), "p-chief-finance")],
)
def test_nobody_is_told_to_name_a_principal_for_whom_they_could_not_do_it(reader: Reader, answer: Answer, acts: tuple[str, ...], principal: str) -> None:
    said = asked(person="p-chief-finance")
    assert command_of(covering(reader, *acts, principal=principal), said, answer).body["office"] == "chief-finance-officer"


def test_whoever_covers_nobody_that_day_is_answered_by_the_rules(reader: Reader) -> None:
    assert command(reader, RETURNS, asked(person="p-chief-executive")).body["office"] == "deputy-mayor"


def test_a_step_that_was_passed_on_is_meant_by_whoever_it_was_passed_to(reader: Reader) -> None:
    said = asked(person="p-chief-executive")
    found = replace(meant(reader, said, NOW), now=datetime(2021, 1, 12, 10, tzinfo=UTC))
    *others, decides = found.paper.steps
    passed = replace(decides, passed=Passed("chief-executive", "p-deputy-mayor", "Away", found.now))
    sent = command_of(replace(found, paper=replace(found.paper, steps=(*others, passed))), said, DECIDES)
    assert (sent.on_behalf_of, sent.body["office"]) == (None, "deputy-mayor")


@pytest.mark.parametrize("said", [asked(person="p-nobody"), asked(principal="p-nobody")])
def test_a_person_whom_the_organisation_does_not_know_is_said_before_anything_is_sent(reader: Reader, said: StepAsked) -> None:
    with pytest.raises(NotFoundError, match="There is no person p-nobody in mopac"):
        meant(reader, said, NOW)


def test_whoever_stands_in_acts_in_the_offices_of_the_principal(reader: Reader) -> None:
    sent = command(reader, DECIDES, asked(person="p-chief-executive", principal="p-deputy-mayor"))
    assert (sent.actor, sent.on_behalf_of, sent.body["office"]) == ("p-chief-executive", "p-deputy-mayor", "deputy-mayor")


def test_a_paper_that_is_not_there_is_told_with_those_that_are(reader: Reader) -> None:
    with pytest.raises(NotFoundError, match="today has no paper PCD 1/finance; it has: more-money"):
        meant(reader, asked("PCD 1/finance"), NOW)


def test_in_a_rehearsal_a_command_is_of_the_last_instant_or_of_the_one_that_is_given(reader: Reader) -> None:
    decided = StepAsked("alpha-2020-21", "paper-914", "p-deputy-mayor")
    assert command(reader, DECIDES, decided).at == reader.grant("alpha-2020-21").recorded
    later = StepAsked("alpha-2020-21", "paper-914", "p-deputy-mayor", at="2021-07-01T10:00+01:00")
    assert command(reader, DECIDES, later).at == datetime(2021, 7, 1, 9, tzinfo=UTC)


def test_on_the_real_clock_an_instant_is_only_claimed_and_whose_step_it_is_counts_now(reader: Reader) -> None:
    claimed = meant(reader, asked(at="2021-01-12T10:00Z"), NOW)
    assert (claimed.at, claimed.now) == (datetime(2021, 1, 12, 10, tzinfo=UTC), NOW)


def test_an_urgent_decision_is_that_of_the_persons_office_which_the_urgency_rule_names(reader: Reader) -> None:
    urgent = Answer("DecideUrgently", "decide urgently", ("urgently",), {"reason": "The fund closes today"})
    assert command(reader, urgent, asked(person="p-chief-executive")).body["office"] == "chief-executive"
    with pytest.raises(MisusedError, match="p-left: nobody can decide urgently"):
        command_of(meant(reader, asked(), NOW), asked(person="p-left"), urgent)


def test_what_cannot_be_sent_is_said_before_anything_is(reader: Reader) -> None:
    with pytest.raises(MisusedError, match="content: String should match"):
        command(reader, DECIDES, asked(content="the one I saw"))


# What each item gets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "outcomes"),
    [
        (Verdict("approved"), [{"item": "1", "outcome": "approved"}, {"item": "2", "outcome": "approved"}]),
        (Verdict("declined", reason="No"), [{"item": "1", "outcome": "declined", "reason": "No"}, {"item": "2", "outcome": "declined", "reason": "No"}]),
        (Verdict("approved", ("1",), "decline"), [{"item": "1", "outcome": "approved"}, {"item": "2", "outcome": "declined"}]),
        (Verdict("noted", ("2",), "approve"), [{"item": "1", "outcome": "approved"}, {"item": "2", "outcome": "noted"}]),
        (
            Verdict("approved", ("1",), lower=("2020/21=£100",)),
            [{"item": "1", "outcome": "approved_lower", "pence": {"2020/21": 10_000}}, {"item": "2", "outcome": "approved"}],
        ),
        (
            Verdict("approved", lower=("2020/21=£100.50",), others="defer"),
            [{"item": "1", "outcome": "approved_lower", "pence": {"2020/21": 10_050}}, {"item": "2", "outcome": "deferred"}],
        ),
        (
            Verdict("deferred", ("1",), "note", reason="Costs", until="2021-02-09"),
            [{"item": "1", "outcome": "deferred", "reason": "Costs", "until": "2021-02-09"}, {"item": "2", "outcome": "noted"}],
        ),
    ],
)
def test_every_item_is_answered_once(verdict: Verdict, outcomes: list[dict[str, Any]]) -> None:
    assert answers(CONTENTS, verdict) == outcomes


def test_a_condition_names_its_owner_and_perhaps_its_day_and_that_it_comes_first() -> None:
    (only, _) = answers(CONTENTS, Verdict("approved", ("1",), "decline", conditions=("audit grants-team 2021-06-30 first: Show it", "note finance: Tell them")))
    assert only["conditions"] == [
        {"condition": "audit", "owner": "grants-team", "words": "Show it", "due": "2021-06-30", "before": True},
        {"condition": "note", "owner": "finance", "words": "Tell them"},
    ]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict("approved", ("1",)), "Say what becomes of item 2 too: --others approve|decline|defer|note"),
        (Verdict("approved", ("1", "7")), "PCD 914 has no item 7; it has: 1, 2"),
        (Verdict("approved", ("1",), lower=("£100",)), "'£100' is no amount of a year"),
        (Verdict("approved", ("1",), lower=("2020/21=much",)), "'much' is no amount"),
        (Verdict("approved", ("1",), lower=("2020/21=£1", "2020/21=£100")), "'2020/21=£100' says another amount of 2020/21: say one of each year"),
        (Verdict("approved_in_principle", ("1",), lower=("2020/21=£1",)), "--lower authorises money, and in principle none is: say one of the two"),
        (Verdict("approved", ("1",), lower=("2021/22=£1",)), "Item 1 asks for money in 2020/21: say a --lower amount for each"),
        (Verdict("approved", ("2",), lower=("2020/21=£1",)), "Item 2 asks for money in no year"),
        (Verdict("approved", ("1",), "decline", conditions=("audit: Show it",)), "'audit: Show it' is no condition"),
    ],
)
def test_what_leaves_an_item_open_or_guesses_an_amount_is_not_sent(verdict: Verdict, said: str) -> None:
    with pytest.raises(MisusedError) as raised:
        answers(CONTENTS, verdict)
    assert said in str(raised.value)


def test_of_several_items_with_money_the_lower_amount_names_its_own() -> None:
    twice = CONTENTS.model_copy(update={"items": (item(), item("3", instrument="bid-1"))})
    with pytest.raises(MisusedError, match="money stands in: 1, 3"):
        answers(twice, Verdict("approved", lower=("2020/21=£1",)))


# On the command line ----------------------------------------------------------------------------------------------------

Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    monkeypatch.setenv("GRANTS_HOME", str(home.path))
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "GRANTS_RECORD_URL"):
        monkeypatch.delenv(name, raising=False)

    def ran(*arguments: str) -> tuple[int, str]:
        code = run(list(arguments))
        words = capsys.readouterr()
        assert words.out == ""
        return code, " ".join(words.err.replace("│", " ").split())

    return ran


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("approve", "today", "more-money", "--as", "p-deputy-mayor"), 2, "Nobody is here to confirm it"),
        (("approve", "today", "more-money", "--as", "p-deputy-mayor", "--yes"), 69, "Nothing runs over"),
        (("approve", "today", "more-money", "--as", "p-deputy-mayor", "--content", "0" * 64), 69, "Nothing runs over"),
        (("approve", "today", "more-money", "--as", "p-deputy-mayor", "--yes", "--urgent"), 2, "--urgent needs --reason"),
        (("approve", "today", "more-money", "--as", "p-deputy-mayor", "--yes", "--item", "9"), 2, "has no item 9"),
        (("decline", "today", "more-money", "--as", "p-deputy-mayor"), 2, "Missing option '--reason'"),
        (("defer", "today", "nothing", "--as", "p-deputy-mayor", "--reason", "x", "--yes"), 4, "has no paper nothing"),
        (("advise", "nowhere", "more-money", "--as", "p-legal", "--comment", "x", "--yes"), 4, "There is no grant nowhere"),
        (("advise", "today", "more-money", "--as", "p-grants", "--comment", "x", "--yes"), 2, "name one: more-money/finance"),
        (("advise", "today", "more-money", "--as", "p-nobody", "--comment", "x", "--yes"), 4, "There is no person p-nobody in mopac"),
        (("approve", "today", "more-money", "--as", "deputy-mayor", "--yes"), 4, "deputy-mayor is an office of mopac, not a person; p-deputy-mayor holds it"),
        (("approve", "today", "more-money", "--as", "p-ghost", "--yes"), 4, "There is no person p-ghost in mopac"),
    ],
)
def test_what_can_be_foreseen_of_a_verb_is_said_with_its_own_exit_code(said: Said, arguments: tuple[str, ...], code: int, words: str) -> None:
    ended, err = said(*arguments)
    assert (ended, words in err) == (code, True)


@pytest.mark.parametrize("more", [("--yes",), ("--json",), (), ("--yes", "--json")])
def test_nothing_is_signed_over_the_beginning_of_a_digest_that_nobody_is_shown(said: Said, home: Home, more: tuple[str, ...]) -> None:
    with reading(home) as found:
        stands = found.grant("today").approval.papers["more-money"].content
    ended, err = said("approve", "today", "more-money", "--as", "p-deputy-mayor", "--content", stands[:8], *more)
    assert (ended, "--content takes the whole digest" in err, "`grants show --json` has it" in err) == (2, True, True)


@pytest.mark.parametrize(("answered", "code", "words"), [(False, 1, "Nothing was sent."), (True, 69, "Nothing runs over")])
def test_on_a_terminal_the_beginning_of_a_digest_only_names_what_is_shown_and_confirmed(
    said: Said, home: Home, monkeypatch: pytest.MonkeyPatch, *, answered: bool, code: int, words: str
) -> None:
    for each in (sys.stdin, sys.stderr):
        monkeypatch.setattr(each, "isatty", lambda: True)
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: answered)
    with reading(home) as found:
        stands = found.grant("today").approval.papers["more-money"].content
    ended, err = said("approve", "today", "more-money", "--as", "p-deputy-mayor", "--content", stands[:8])
    assert (ended, f"over the content {stands}" in err, words in err) == (code, True, True)
    assert said("approve", "today", "more-money", "--as", "p-deputy-mayor", "--content", "0" * 8)[0] == 2
    assert "takes the whole digest" in said("approve", "today", "more-money", "--as", "p-deputy-mayor", "--content", stands[:8], "--yes")[1]


def test_the_shell_completes_grants_papers_their_steps_and_people(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRANTS_HOME", str(home.path))
    context = typer_context("today")
    assert (completing.grants("to"), completing.people("p-dep"), completing.paper_ids(context, "")) == (["today"], ["p-deputy-mayor"], ["more-money"])
    assert completing.papers(context, "more-money/f") == ["more-money/finance"]
    monkeypatch.setenv("GRANTS_HOME", str(tmp_path))
    assert (completing.grants(""), completing.people("")) == ([], [])
    monkeypatch.setenv("GRANTS_SMTP_PORT", "many")
    assert completing.grants("") == []


def typer_context(grant: str) -> Any:
    context = typer.Context(get_command(app))
    context.params = {"grant": grant}
    return context


def test_what_is_confirmed_shows_amounts_conditions_and_days() -> None:
    lower = {"item": "1", "outcome": "approved_lower", "pence": {"2020/21": 12_345}, "conditions": [{"condition": "c", "owner": "finance", "words": "Show it"}]}
    assert _item(lower).split("\n")[1:] == ["  item 1: approved lower", "    £123.45 for 2020/21", "    condition c, finance: Show it"]
    assert _item({"item": "2", "outcome": "deferred", "until": "2021-02-01"}).split("\n")[1:] == ["  item 2: deferred", "    until: 2021-02-01"]


def test_a_paper_with_a_part_two_is_answered_over_both_of_its_parts(reader: Reader) -> None:
    found = meant(reader, asked(), NOW)
    sealed = replace(found, paper=replace(found.paper, part_two="a" * 64))
    assert sealed.content == sealed.paper.content
    assert sealed.content not in (found.content, sealed.paper.contents.digest())
