"""Part 2 on a real server: planted words are in no file, log, mail or export of an installation, and whoever may read them does.

Each file of the home is searched byte by byte, Temporal's database, the vault and the logs among them, for each planted word
in clear, in UTF-16, in hexadecimal, and in base64 at every offset. A public word is planted too: a search that cannot find
that one would prove nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from app.cli.main import app, run
from store.database import open_vault
from store.vault import Vault
from tests.e2e.installation import CASES, Installation
from tests.e2e.searching import files, holds, texts

GRANT, ERASED = "part-two", "part-two-erased"
PUBLIC = "Quillwort"
SEALED = ("Tormentilla", "Bladderwrack", "Hellebore", "Saxifraga", "Mandragora")
"""Planted in what is sealed, each at another place; the last one came with a command that was refused."""

HIDDEN = "Cupboard under the stairs"
"""Where a restricted document is kept: no public view says it."""

CASE = f"""\
case: {GRANT}
title: A grant with a restricted part
grant: {GRANT}
organisation: mopac
hypothetical: true
facts:
  - {{fact: made, says: Invented, mark: assumed, source: For this spec}}
steps:
  - step: open
    at: 2020-07-01T08:00Z
    by: p-grants
    command: OpenGrant
    facts: [made]
    body: {{organisation: mopac, title: {PUBLIC} grant, programme: {PUBLIC}, clock: rehearsal, parties: [{{role: host, party: Host}}], hypothetical: true}}
    sealed: {{note: "{SEALED[0]} at the very beginning"}}
  - step: agreement
    at: 2020-07-01T09:00Z
    by: p-grants
    command: RecordExecution
    facts: [made]
    body:
      agreement: agreement-1
      executed: 2020-06
      lines: [{{line: whole, year: 2020/21, pence: "£1,000.00", categories: [pay]}}]
      returns: {{months: 3, due_days: 30}}
      documents: [{{kind: breakdown of costs, kept: {HIDDEN}, grade: restricted}}]
    sealed: {{lines: [{{heading: "{SEALED[1]}", pence: "£987.00"}}]}}
  - step: costs
    at: 2020-07-02T09:00Z
    by: p-mps-bookkeeper
    command: RecordCosts
    facts: [made]
    body:
      rows:
        - {{key: part-two-1, incurred: 2020-06-30, category: pay, line: whole, entity: Host, net_pence: "£10.00", basis: actual, ledger_ref: GL-1, kept: HR}}
    sealed: {{names: ["{SEALED[2]}"]}}
  - step: draft
    at: 2020-07-03T09:00Z
    by: p-grants
    command: DraftPaper
    facts: [made]
    body:
      paper: paper-1
      title: {PUBLIC} agreement
      items: [{{item: "1", verbs: [ratify], words: The agreement, instrument: agreement-1, pence: {{2020/21: "£1,000.00"}}}}]
      documents: [{{kind: breakdown of costs, kept: {HIDDEN}, grade: restricted}}]
      facts: {{retrospective: true, novel: false, restricted: true, exempt: Commercial interests, review: 2021-03-31}}
    sealed: {{issues: {{first: "{SEALED[3]}: why it is not for everybody"}}}}
  - step: close
    at: 2020-07-03T10:00Z
    by: p-grants
    command: CloseGrant
    facts: [made]
    sealed: {{why: "{SEALED[4]}"}}
    expect: {{refused: close.not_yet, who_could: [], source: "DESIGN §7; invariant 35"}}
  - {{step: submit, at: 2020-07-03T11:00Z, by: p-grants, command: SubmitPaper, facts: [made], saw: current, body: {{paper: paper-1}}}}
  - step: advised
    at: 2020-07-03T11:30Z
    by: p-finance
    command: AdviseStep
    facts: [made]
    saw: current
    body: {{paper: paper-1, office: finance, comment: "The base team alone costs £987, which nobody should read here."}}
  - step: elsewhere
    at: 2020-07-03T12:00Z
    by: p-grants
    command: RecordDecision
    facts: [made]
    body:
      decision: Minute 1
      maker: A committee
      decided: 2020-07-02
      date_signed: null
      date_published: null
      document: {{kind: minutes, kept: {HIDDEN}, grade: restricted}}
      items: [{{item: "1", verbs: [note], words: That the year begins, outcome: approved}}]
  - step: assessed
    at: 2020-07-03T12:30Z
    by: p-grants
    command: RecordAssessment
    facts: [made]
    body: {{form: dpia, outcome: Completed, documents: [{{kind: assessment, kept: {HIDDEN}, grade: restricted}}]}}
  - {{step: later, at: 2020-12-01T09:00Z, by: p-grants, command: AdvanceClock, facts: [made], body: {{to: 2020-12-01T09:00Z}}}}
"""

SCHEME = CASES.parent / "organisations" / "mopac" / "scheme-2016-10.yaml"
EXPORTS: dict[str, tuple[str, ...]] = {
    "list": (),
    "show": (GRANT,),
    "decision": (GRANT, "paper-1"),
    "history": (GRANT,),
    "ledger": (GRANT,),
    "inbox": ("--as", "p-finance"),
    "outcome": (f"{GRANT}/draft",),
    "schema": ("case",),
    "doctor": (),
    "programme": (),
    "audit verify": (),
    "audit replay": (GRANT,),
    "audit leads": ("--year", "2020/21"),
    "audit as-of": (GRANT, "--effective", "2020-07-31", "--known", "2020-08-31"),
    "audit diff": (GRANT, "--known", "2020-07-01", "--known", "2020-11-30"),
    "audit changes": ("--from", "2020-07-01", "--to", "2020-12-31", "--grant", GRANT),
    "audit journals": ("--year", "2020/21"),
    "audit sample": ("--seed", "1", "--size", "5", "--grant", GRANT),
    "audit people": ("--year", "2020/21"),
    "audit exceptions": (),
    "audit access": (),
    "audit identities": (GRANT,),
    "audit messages": (GRANT,),
    "messages": (GRANT,),
    "keys list": ("mopac",),
    "keys mine": (),
    "scheme check": ("mopac",),
    "scheme route": ("--what-if", "--organisation", "mopac", "--kind", "offer", "--verb", "accept", "--value", "£250,000"),
    "scheme simulate": (str(SCHEME), "--since", "2020-01-01", "--organisation", "mopac"),
    "route": (GRANT,),
}
"""Everything that prints what the record holds, and how it is asked here."""

QUIET = {"scheme check", "scheme simulate"}
"""What has no rows where all is well, and says so beside them."""

SENDS = {
    *(f"break-glass {each}" for each in ("ask", "confirm", "end", "report")),
    *("keys add", "keys rotate", "keys revoke", "release"),
    *("approve", "decline", "defer", "note", "advise", "endorse", "minute", "send-back", "recuse", "delegate", "withdraw-step", "pause", "resume"),
}
ELSEWHERE = {"demo", "up", "down", "play", "adopt", "do", "sign", "ops rebuild", *SENDS}
"""What starts, ends or sends; what it writes is in the home, and searched there."""


@pytest.fixture(scope="module")
def sealed(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The installation, the planted words sealed in one of its grants."""
    file = tmp_path_factory.mktemp("written") / "part-two.yaml"
    file.write_text(CASE)
    played = installation.read("play", file)[0]
    assert (played["fault"], played["refused"]) == (None, 1)
    again = installation.read("play", file)[0]
    assert (again["fault"], again["repeated"]) == (None, again["steps"])
    return installation


def test_no_file_of_the_installation_holds_a_planted_word(sealed: Installation) -> None:
    found = [f"{path.name}: {word}" for path in files(sealed.home) for word in SEALED if holds(path.read_bytes(), word)]
    assert found == []


def test_nothing_that_the_real_life_seals_stands_in_any_file(alpha: Installation) -> None:
    steps = YAML(typ="safe", pure=True).load((CASES / "alpha-2020-21.yaml").read_text())["steps"]
    words = [text for step in steps if "sealed" in step for text in texts(step["sealed"])]
    assert len(words) >= 6
    assert [f"{path.name}: {word}" for path in files(alpha.home) for word in words if holds(path.read_bytes(), word)] == []


def test_the_search_finds_what_is_there(sealed: Installation) -> None:
    found = {path.name.removesuffix("-wal") for path in files(sealed.home) if holds(path.read_bytes(), PUBLIC)}
    assert found >= {"record.db", "temporal.db", "worker.log"}
    assert {"vault.db"} <= {path.name for path in files(sealed.home)} - found


@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)], ids=str)
@pytest.mark.parametrize("name", EXPORTS)
def test_no_export_says_a_planted_word_or_where_a_restricted_document_is_kept(
    sealed: Installation, name: str, form: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRANTS_HOME", str(sealed.home))
    code = run([*name.split(), *EXPORTS[name], *form])
    said = capsys.readouterr()
    assert code in ({0, 2} if form else {0}) | ({3} if name == "audit leads" else set()), said.err
    assert said.out or code == 2 or (name in QUIET and said.err)
    assert [word for word in (*SEALED, HIDDEN) if holds((said.out + said.err).encode(), word)] == []


def test_the_exports_that_are_searched_say_what_is_public(sealed: Installation) -> None:
    assert PUBLIC in json.dumps([sealed.read("show", GRANT), sealed.read("list"), sealed.history(GRANT)])
    assert "a restricted document (minutes)" in json.dumps(sealed.read("show", GRANT)["decisions"])


def test_the_page_of_a_decision_says_that_there_is_a_part_two_and_nothing_of_it(sealed: Installation, tmp_path: Path) -> None:
    sealed.grants("decision", GRANT, "paper-1", "--html", tmp_path / "decision.html")
    page = (tmp_path / "decision.html").read_text()
    assert "yes; exempt: Commercial interests; to be reviewed by 2021-03-31" in page
    assert "a restricted document (breakdown of costs)" in page
    assert [word for word in (*SEALED, HIDDEN) if word in page] == []


def test_a_record_that_repeats_a_part_two_is_found_and_its_section_named(sealed: Installation) -> None:
    before = len(sealed.history(GRANT))
    ran = sealed.grants("decision", GRANT, "paper-1", "--check", "--as", "p-deputy-mayor", "--json", code=3)
    assert json.loads(ran.stdout)["leaks"] == [{"section": "Advice and decision", "repeats": "a sum"}]
    assert "987" not in ran.stdout + ran.stderr
    read = sealed.history(GRANT)[before:]
    assert [(each["type"], "To check that the published record of paper-1" in each["summary"]) for each in read] == [("restricted.read", True)]


def test_a_record_that_repeats_nothing_is_clean(sealed: Installation) -> None:
    ran = sealed.grants("decision", GRANT, "Minute 1", "--check", "--as", "p-deputy-mayor")
    assert ran.stdout.startswith("Nothing leaks: 4 Part 2s compared")


def test_a_record_is_checked_only_by_whoever_may_read_the_part_two_and_says_who(sealed: Installation) -> None:
    assert "Nothing is unsealed" in sealed.grants("decision", GRANT, "paper-1", "--check", "--as", "p-project", code=5).stderr
    assert "come together" in sealed.grants("decision", GRANT, "paper-1", "--check", code=2).stderr


def test_what_repeats_the_public_contents_of_its_paper_is_not_sealed(sealed: Installation, tmp_path: Path) -> None:
    body = {"paper": "paper-1", "office": "legal", "comment": "No reason against it."}
    asked = {
        "type": "AdviseStep",
        "actor": "p-legal",
        "at": "2020-12-01T10:00:00Z",
        "content": "current",
        "body": body,
        "sealed": {"aside": f"{PUBLIC} agreement"},
    }
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    for ran in (sealed.grants("do", GRANT, tmp_path / "asked.json", code=5), sealed.grants("sign", tmp_path / "asked.json", "--grant", GRANT, code=5)):
        assert "paper.title repeats a text of the Part 2" in ran.stderr
        assert PUBLIC not in ran.stderr


def test_every_command_of_the_command_line_is_searched_or_writes_into_the_home() -> None:
    named = set(leaves(typer.main.get_command(app), ""))
    assert named == {*EXPORTS, *ELSEWHERE}, "ask it in EXPORTS, with what it needs"


def test_a_signed_command_holds_its_part_two_sealed_only(sealed: Installation, tmp_path: Path) -> None:
    asked = {"type": "RecordAssessment", "actor": "p-grants", "body": {"form": "dpia", "outcome": "done"}, "sealed": {"word": SEALED[0]}}
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    signed = sealed.grants("sign", tmp_path / "asked.json", "--grant", GRANT).stdout
    assert not holds(signed.encode(), SEALED[0])
    assert json.loads(signed)["command"]["sealed"].startswith("v1.")


def test_whoever_may_not_read_it_is_refused_and_sees_nothing(sealed: Installation) -> None:
    ran = sealed.grants("show", GRANT, "--restricted", "--as", "p-project", code=5)
    assert "Who could: deputy-mayor" in ran.stderr
    assert [word for word in SEALED if word in ran.stdout + ran.stderr] == []
    assert sealed.history(GRANT)[-1]["type"] == "command.refused"


def test_reading_names_its_reader(sealed: Installation) -> None:
    assert "come together" in sealed.grants("show", GRANT, "--restricted", code=2).stderr
    assert "come together" in sealed.grants("show", GRANT, "--as", "p-deputy-mayor", code=2).stderr


def test_whoever_may_read_it_does_and_the_reading_stands_in_the_record_first(sealed: Installation) -> None:
    before = sealed.history(GRANT)
    ran = sealed.grants("show", GRANT, "--restricted", "--as", "p-deputy-mayor", "--purpose", "To decide", "--json")
    rows = {each["came_with"]: each for each in json.loads(ran.stdout)["restricted"]}
    assert set(rows) == {"OpenGrant", "RecordExecution", "RecordCosts", "DraftPaper"}
    assert rows["RecordExecution"]["part_two"] == {"lines": [{"heading": SEALED[1], "pence": 98_700}]}
    assert all(word in ran.stdout for word in SEALED[:4])
    read = sealed.history(GRANT)[len(before) :]
    assert [(each["type"], each["actor"]) for each in read] == [("restricted.read", "p-deputy-mayor")]
    assert "deputy-mayor reads the Part 2" in read[0]["summary"]
    assert SEALED[3] in sealed.grants("show", GRANT, "--restricted", "--as", "p-legal").stdout


def test_two_people_open_it_to_a_third_for_some_hours_and_every_view_says_so(sealed: Installation) -> None:
    def glass(*arguments: str, code: int = 0) -> str:
        ran = sealed.grants("break-glass", *arguments, code=code)
        return ran.stdout + ran.stderr

    def to_confirm() -> list[str]:
        return [each["subject"] for each in sealed.read("inbox", "--as", "p-legal") if each["duty"] == "access.confirmed"]

    assert "hours at most" in glass("ask", GRANT, "--as", "p-project", "--reason", "The auditor asks", "--hours", "73", code=5)
    assert "access-1" in glass("ask", GRANT, "--as", "p-project", "--reason", "The auditor asks", "--hours", "4")
    assert "is not confirmed" in sealed.grants("show", GRANT, "--restricted", "--as", "p-project", code=5).stderr
    assert "authority.not_mandated" in glass("confirm", GRANT, "access-1", "--as", "p-project", code=5)
    assert to_confirm() == ["access-1"]
    assert "accepted" in glass("confirm", GRANT, "access-1", "--as", "p-legal")
    assert to_confirm() == []
    read = sealed.grants("show", GRANT, "--restricted", "--as", "p-project").stdout
    assert [word for word in SEALED[:4] if word not in read] == []
    assert "accepted" in glass("end", GRANT, "access-1", "--as", "p-project", "--reason", "Answered")
    assert "was ended" in sealed.grants("show", GRANT, "--restricted", "--as", "p-project", code=5).stderr
    (banner,) = sealed.read("show", GRANT)["break_glass"]
    assert "for p-project until" in banner
    (listed,) = sealed.read("audit", "access")["access"]
    assert (listed["person"], listed["confirmed_by"], listed["readings"], listed["reported"]) == ("p-project", "p-legal", 1, None)
    assert "access-1" in glass("report", GRANT, "2020-12", "--as", "p-chief-executive")
    assert sealed.read("audit", "access")["unreported"] == 0
    assert sealed.read("audit", "verify")["ok"]


def test_the_history_marks_what_has_a_part_two(sealed: Installation) -> None:
    marked = {each["command_id"] for each in sealed.history(GRANT) if each["restricted"]}
    assert marked == {f"{GRANT}/{step}" for step in ("open", "agreement", "costs", "draft")}


def test_after_all_that_was_read_no_file_holds_a_planted_word(sealed: Installation) -> None:
    test_no_file_of_the_installation_holds_a_planted_word(sealed)


def test_an_erased_part_two_says_so_and_nothing_else_changes(sealed: Installation, tmp_path: Path) -> None:
    (tmp_path / "erased.yaml").write_text(CASE.replace(GRANT, ERASED))
    sealed.grants("play", tmp_path / "erased.yaml")
    before = sealed.read("show", ERASED)
    vault = open_vault(f"sqlite:///{sealed.home / 'vault.db'}")
    assert Vault(vault).erase(f"grant/{ERASED}", f"{ERASED}/draft") == 1
    vault.dispose()
    found = json.loads(sealed.grants("show", ERASED, "--restricted", "--as", "p-legal", "--json").stdout)
    rows = {each["came_with"]: each for each in found["restricted"]}
    assert rows["DraftPaper"]["part_two"] is None
    assert "nobody can read it again" in rows["DraftPaper"]["unreadable"]
    assert rows["OpenGrant"]["part_two"] == {"note": f"{SEALED[0]} at the very beginning"}
    after = sealed.read("show", ERASED)
    assert {name for name in before if before[name] != after[name]} <= {"version"}
    assert sealed.read("audit", "verify")["ok"]
    assert sealed.read("audit", "replay", ERASED)["ok"]


def leaves(found: Any, name: str) -> Iterator[str]:
    """The names of all commands, those of groups with their group's."""
    below = getattr(found, "commands", None)
    if below is None:
        yield name
    for each, inner in (below or {}).items():
        yield from leaves(inner, f"{name} {each}".strip())
