"""The command line: what it prints for people and for programs, and the exit code that it ends with."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import app, run
from app.errors import GrantsError
from app.home import Home
from domain.model import RULES

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def grants(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "GRANTS_RECORD_URL", "GRANTS_VAULT_URL"):
        monkeypatch.delenv(name, raising=False)

    def ran(*arguments: str, over: Path = home.path) -> tuple[int, str, str]:
        monkeypatch.setenv("GRANTS_HOME", str(over))
        code = run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


def read(grants: Run, *arguments: str, code: int = 0) -> Any:
    ended, out, err = grants(*arguments, "--json")
    assert (ended, err) == (code, "")
    return json.loads(out)


def altered(path: Path, statement: str) -> None:
    """Alter a record as somebody would who holds its file."""
    with sqlite3.connect(path / "record.db") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
    connection.close()


# Reading ----------------------------------------------------------------------------------------------------------------


def test_show_has_the_fixed_figures_of_the_closed_grant(grants: Run) -> None:
    shown = read(grants, "show", "alpha-2020-21")
    expected: dict[str, Any] = {
        "grant": "alpha-2020-21",
        "stage": "closed",
        "clock": "rehearsal",
        "as_of": "2021-06-16",
        "known_at": None,
        "cap_pence": 174_666_080,
        "caps_by_year": {"2020/21": 174_666_080},
        "sought_pence": 0,
        "peak_sought_pence": 26_735_464,
        "debtor_pence": 0,
        "excluded_pence": 460_560,
        "host_borne_pence": 2_000_000,
        "forfeited_pence": 0,
        "posts_funded": 22,
        "waiting_on": [],
        "obligations": [],
    }
    assert {name: shown[name] for name in expected} == expected
    assert shown["agreed_pence"] == shown["received_pence"] == shown["outturn_pence"]
    assert shown["cap_pence"] == shown["agreed_pence"] + shown["lapsed_pence"]
    assert [(each["what"], each["owner"], each["how"]) for each in shown["exceptions"]] == [("late approval", "chief-finance-officer", "ratified by PCD 867")]


def test_show_reads_as_effective_on_one_day_and_as_known_on_another(grants: Run) -> None:
    before = read(grants, "show", "alpha-2020-21", "--as-of", "2020-12-31")
    assert (before["cap_pence"], before["sought_pence"], before["as_of"]) == (147_930_616, 26_735_464, "2020-12-31")
    unratified = read(grants, "show", "alpha-2020-21", "--known-at", "2020-11")
    assert (unratified["exceptions"][0]["closed"] is None, unratified["known_at"]) == (False, "2020-11-30T23:59:59.000000Z")
    earlier = read(grants, "show", "alpha-2020-21", "--known-at", "2020-11-30T09:59Z")
    assert (earlier["exceptions"][0]["closed"], earlier["sought_pence"]) == (None, 0)


def test_show_tells_the_stage_the_papers_and_who_was_waited_on_as_of_the_day(grants: Run) -> None:
    asked = ("2020-06-30", "2020-12-31", "2021-01-12", "2021-04-01")
    unopened, before, waiting, after = (read(grants, "show", "alpha-2020-21", "--as-of", each) for each in asked)
    assert [each["stage"] for each in (unopened, before, waiting, after)] == [None, "delivering", "delivering", "exiting"]
    assert [[paper["standing"] for paper in each["papers"]] for each in (unopened, before, waiting, after)] == [[], [], ["submitted"], ["decided"]]
    assert "deputy-mayor" in {each["office"] for each in waiting["waiting_on"]}
    assert (unopened["cap_pence"], unopened["waiting_on"], before["exit"]["plan"]) == (147_930_616, [], None)
    _, out, _ = grants("show", "alpha-2020-21", "--as-of", "2020-12-31")
    assert out.splitlines()[1] == f"delivering as of 2020-12-31; rehearsal clock, version {before['version']}"


def test_an_open_grant_says_whom_it_waits_on_and_what_that_costs(grants: Run) -> None:
    owed = next(each for each in read(grants, "show", "today")["waiting_on"] if each["at_risk_pence"])
    assert owed.keys() >= {"office", "what", "since", "due", "at_risk_pence"}
    assert owed["office"] == "deputy-mayor"
    mine = read(grants, "inbox", "--as", "p-deputy-mayor")
    assert [(each["grant"], each["what"], each["at_risk_pence"]) for each in mine] == [("today", owed["what"], owed["at_risk_pence"])]
    assert read(grants, "inbox", "--as", "p-legal") == []


def test_the_inbox_says_who_has_and_who_has_not_had_their_say_on_a_paper(grants: Run) -> None:
    (mine,) = read(grants, "inbox", "--as", "p-deputy-mayor")
    assert [each["whose"] for each in mine["said"]] == ["finance", "legal", "chief-finance-officer"]
    assert (mine["not_said"], mine["said"][-1]["at"]) == (["deputy-mayor"], mine["since"])
    (other,) = read(grants, "inbox", "--as", "p-grants")
    assert (other["said"], other["not_said"]) == ([], [])


def test_the_list_is_an_array_of_grants(grants: Run) -> None:
    rows = read(grants, "list")
    assert [(each["grant"], each["stage"], each["clock"]) for each in rows] == [("alpha-2020-21", "closed", "rehearsal"), ("today", "delivering", "real")]
    assert all(each["agreed_pence"] == each["received_pence"] + each["debtor_pence"] for each in rows)


def test_the_history_says_both_clocks_who_and_what(grants: Run) -> None:
    events = read(grants, "history", "alpha-2020-21")
    fields = {"version", "type", "effective", "recorded", "committed", "actor", "on_behalf_of", "command_id", "hash", "summary"}
    assert all(each.keys() >= fields for each in events)
    assert [each["version"] for each in events] == list(range(1, len(events) + 1))
    signed = next(each for each in events if each["type"] == "agreement.executed")
    assert (signed["effective"], signed["recorded"]) == ("2020-06", "2020-07-01T08:30:00.000000Z")
    stated = next(each for each in events if each["command_id"] == "alpha-2020-21/decision")
    assert stated["effective"] is None
    assert "Sophie Linden" in stated["summary"]


def test_no_living_person_acts(grants: Run) -> None:
    events = read(grants, "history", "alpha-2020-21")
    assert {each["actor"][:2] for each in events} == {"p-", "sy"}
    assert [each["type"] for each in events if "Linden" in each["summary"]] == ["decision.recorded"]


def test_the_history_of_an_organisation_is_read_alike(grants: Run) -> None:
    assert [each["type"] for each in read(grants, "history", "organisation/mopac")] == ["organisation.adopted"]


def test_the_ledger_balances(grants: Run) -> None:
    rows = read(grants, "ledger", "alpha-2020-21")
    assert all(each.keys() >= {"version", "line", "entity", "debit", "credit", "amount_pence", "booked"} for each in rows)
    balances = read(grants, "ledger", "alpha-2020-21", "--balances")
    assert sum(balances.values()) == 0
    shown = read(grants, "show", "alpha-2020-21")
    assert (balances["memo:award"], balances["assets:bank"], -balances["memo:lapsed"]) == (shown["cap_pence"], shown["received_pence"], shown["lapsed_pence"])
    assert read(grants, "ledger", "--balances").keys() >= balances.keys()


def test_an_outcome_that_is_asked_for_says_what_was_recorded_and_claims_no_repeat(grants: Run) -> None:
    code, words, _ = grants("outcome", "alpha-2020-21/decide-above-limit")
    assert (code, words.splitlines()[0]) == (5, "refused: alpha-2020-21/decide-above-limit")


def test_an_outcome_gives_the_refusal_whole(grants: Run) -> None:
    found = read(grants, "outcome", "alpha-2020-21/decide-above-limit", code=5)
    assert (found["outcome"], found["repeated"]) == ("refused", True)
    assert found["refusal"].keys() == {"code", "why", "who_could", "titles", "source", "remedy"}
    assert found["refusal"]["titles"] == {"deputy-mayor": "Deputy Mayor for Policing and Crime"}
    assert found["refusal"]["remedy"].startswith("Ask one of the offices named to decide")
    assert (found["refusal"]["code"], found["refusal"]["who_could"]) == ("approval.above_limit", ["deputy-mayor"])
    accepted = read(grants, "outcome", "alpha-2020-21/paid-q4")
    assert [each["type"] for each in accepted["events"]] == ["payment.received", "return.settled", "outturn.fixed", "cap.lapsed"]


def test_a_refusal_tells_people_the_rule_who_could_by_title_and_what_to_do(grants: Run) -> None:
    _, out, _ = grants("outcome", "alpha-2020-21/decide-above-limit")
    assert [line.split(":")[0].strip() for line in out.splitlines()[2:]] == ["Rule", "Who could", "What to do"]
    assert "Who could: Deputy Mayor for Policing and Crime (deputy-mayor)" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("show", "alpha-2020-21"),
        ("show", "today"),
        ("history", "alpha-2020-21"),
        ("ledger", "alpha-2020-21"),
        ("ledger", "--balances"),
        ("inbox", "--as", "p-deputy-mayor"),
        ("inbox", "--as", "p-legal"),
        ("outcome", "alpha-2020-21/open"),
        ("audit", "verify"),
        ("audit", "replay"),
        ("doctor",),
    ],
)
def test_people_get_words_and_tables(grants: Run, arguments: tuple[str, ...]) -> None:
    code, out, _ = grants(*arguments)
    assert (code, "{" in out, out.strip() == "") == (0, False, False)


def test_nothing_restricted_is_shown(grants: Run, home: Home) -> None:
    everything = "".join(grants(*each)[1] for each in (("show", "alpha-2020-21"), ("history", "alpha-2020-21"), ("show", "alpha-2020-21", "--json")))
    assert "restricted section" not in everything
    assert home.path.exists()


@pytest.mark.parametrize("name", ["case", "command", "message"])
def test_schemas_are_printed_as_json(grants: Run, name: str) -> None:
    code, out, _ = grants("schema", name)
    assert (code, json.loads(out)["$schema"]) == (0, "https://json-schema.org/draft/2020-12/schema")


def test_what_a_variation_counts_from_is_headed_so(grants: Run) -> None:
    _, out, _ = grants("show", "alpha-2020-21")
    heading = next(each for each in out.splitlines() if "retrospective" in each)
    assert ("counts from" in heading, "applied" in heading) == (True, False)


def test_doctor_says_which_organisations_are_adopted_in_which_version_beside_those_of_the_folder(grants: Run, tmp_path: Path) -> None:
    found = {each["check"]: each for each in read(grants, "doctor")["checks"]}
    assert (found["organisations"]["what"], found["adopted"]["what"]) == ("mopac, tidewell-trust", "mopac (version 1)")
    _, out, _ = grants("doctor", "--json", over=tmp_path)
    assert {each["check"]: each["verdict"] for each in json.loads(out)["checks"]}["adopted"] == "note"


# Signing ----------------------------------------------------------------------------------------------------------------


def test_what_begins_with_a_brace_and_is_no_json_is_read_as_yaml(grants: Run, tmp_path: Path) -> None:
    file = tmp_path / "assessment.yaml"
    file.write_text("{type: RecordAssessment, actor: p-grants, body: {form: dpia, outcome: done}}\n")
    code, out, _ = grants("sign", str(file), "--grant", "today")
    assert (code, json.loads(out)["command"]["body"]) == (0, {"form": "dpia", "outcome": "done"})
    file.write_text('{"type": "RecordAssessment", "actor": "p-grants", "body": {"form": "dpia", "outcome": 1.5}}\n')
    code, _, err = grants("sign", str(file), "--grant", "today")
    assert (code, "1.5" in err) == (2, True)


def test_a_signed_message_names_what_its_actor_saw(grants: Run, tmp_path: Path) -> None:
    file = tmp_path / "decide.yaml"
    outcomes = '[{item: "1", outcome: approved}]'
    file.write_text(f"type: DecideStep\nactor: p-deputy-mayor\ncontent: current\nbody: {{paper: more-money, office: deputy-mayor, outcomes: {outcomes}}}\n")
    code, out, _ = grants("sign", str(file), "--grant", "today")
    command = json.loads(out)["command"]
    assert (code, command["grant"], command["type"]) == (0, "today", "DecideStep")
    assert command["content"] == read(grants, "show", "today")["papers"][0]["content"]


# Verification -----------------------------------------------------------------------------------------------------------


def test_a_whole_record_is_verified(grants: Run) -> None:
    report = read(grants, "audit", "verify")
    assert report.keys() == {"ok", "grants", "events", "postings", "proves", "does_not_prove", "problems"}
    assert (report["ok"], report["grants"], report["problems"]) == (True, 2, [])
    replayed = read(grants, "audit", "replay")
    assert (replayed["ok"], replayed["differences"], replayed["histories"]) == (True, [], None)


def test_an_altered_posting_is_named_and_ends_with_3(grants: Run, home: Home, tmp_path: Path) -> None:
    shutil.copytree(home.path, tmp_path / "copy")
    altered(tmp_path / "copy", "UPDATE posting SET amount = amount + 1 WHERE version = (SELECT max(version) FROM posting)")
    code, out, _ = grants("audit", "verify", "--json", over=tmp_path / "copy")
    problems = json.loads(out)["problems"]
    assert code == 3
    assert [(each["grant"], each["what"]) for each in problems] == [("alpha-2020-21", "posting 1: not what its event says")]


def test_what_this_build_cannot_read_is_said_plainly_and_named_by_verification(grants: Run, home: Home, tmp_path: Path) -> None:
    shutil.copytree(home.path, tmp_path / "copy")
    altered(tmp_path / "copy", "UPDATE event SET body = '{}' WHERE stream_id = 'grant/today' AND version = 3")
    altered(tmp_path / "copy", "UPDATE standing SET json = '{' WHERE stream_id = 'grant/today'")
    for arguments in (("show", "today"), ("history", "today"), ("list",), ("inbox", "--as", "p-legal"), ("audit", "replay")):
        code, _, err = grants(*arguments, over=tmp_path / "copy")
        assert (code, "This build cannot read grant/today" in err, "Traceback" in err) == (69, True, False)
    code, out, _ = grants("audit", "verify", "--json", over=tmp_path / "copy")
    assert (code, {(each["grant"], each["version"]) for each in json.loads(out)["problems"]} >= {("today", 3)}) == (3, True)


def test_a_rule_changed_names_the_command_that_would_now_be_decided_otherwise(grants: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.claiming._own_preparation", lambda *_: None)
    differences = read(grants, "audit", "replay", code=3)["differences"]
    assert [(each["grant"], each["command"]) for each in differences] == [("alpha-2020-21", "alpha-2020-21/certify-own")]
    assert differences[0]["now"] == ["The return for Q3 2020/21 certified: £369,027.10"]


def test_advice_in_other_words_is_no_other_decision_but_another_reason_is(grants: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RULES["approval.above_limit"], "remedy", "Ask somebody else.")
    assert read(grants, "audit", "replay")["differences"] == []
    monkeypatch.setattr(RULES["approval.above_limit"], "words", "It is too much.")
    differences = read(grants, "audit", "replay", code=3)["differences"]
    assert {each["command"] for each in differences} == {"alpha-2020-21/decide-above-limit"}


# What can be foreseen to go wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "nothing"), 4, "There is no grant nothing: `grants list` has those there are"),
        (("show", "alpha-2020-21", "--known-at", "2019"), 4, "as known at 2019"),
        (("show", "alpha-2020-21", "--as-of", "yesterday"), 2, "'yesterday' is no date"),
        (("show", "alpha-2020-21", "--known-at", "2020-11-30T09:59"), 2, "time zone"),
        (("history", "nothing"), 4, "Nothing is recorded of nothing"),
        (("ledger", "nothing"), 4, "There is no grant nothing"),
        (("inbox", "--as", "p-nobody"), 4, "knows a person p-nobody"),
        (("inbox", "--as", "deputy-mayor"), 4, "deputy-mayor is an office of mopac, not a person; p-deputy-mayor holds it: name a person"),
        (("outcome", "nothing"), 4, "No command nothing is recorded"),
        (("outcome", "nothing"), 4, "`grants messages GRANT --quarantined`"),
        (("schema", "nothing"), 2, "There is no schema nothing"),
        (("audit", "replay", "nothing"), 4, "There is no grant nothing"),
        (("ops", "rebuild"), 2, "Name one grant, or say --all"),
        (("ops", "rebuild", "nothing"), 4, "There is no grant nothing"),
        (("ops", "rebuild", "--all"), 69, "Nothing runs over"),
        (("do", "today", "/nowhere.yaml"), 4, "No such file"),
        (("play", "/nowhere.yaml"), 69, "Nothing runs over"),
        (("adopt", "mopac"), 69, "Nothing runs over"),
        (("nothing",), 2, "No such command"),
        (("show",), 2, "Missing argument"),
    ],
)
def test_what_can_be_foreseen_is_said_in_one_message_with_its_own_exit_code(grants: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    ended, out, err = grants(*arguments)
    assert (ended, out) == (code, "")
    assert said in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("type: [", "not YAML"),
        ("- 1", "a command is a mapping"),
        ("actor: p-grants", "type: field required"),
        ("type: CloseGrants\nactor: p-grants", ":1: type: there is no command CloseGrants"),
        ("type: CloseGrant\nactor: p-grants\nbody:\n  notes: x", ":4: body.notes: extra inputs are not permitted"),
        ("type: CloseGrant\nactor: p-grants\ngrant: other", ":3: grant: names other, but it is sent to today"),
        ('{"type": "RecordPayment", "actor": "p-grants", "body": {"pence": 1.0}}', "1.0 is not a whole number"),
        ('{"type": "CloseGrant", "actor": "p-grants", "actor": "p-legal"}', "stands twice"),
        ("type: AdvanceClock\nactor: p-grants\nbody: {to: 2021-02-30T00:00Z}", ":3: body.to: input should be a valid datetime"),
    ],
)
def test_a_malformed_command_is_refused_with_its_line_before_anything_is_sent(grants: Run, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "command.yaml"
    file.write_text(text)
    ended, _, err = grants("sign", str(file), "--grant", "today")
    assert (ended, said in err, "Traceback" in err) == (2, True, False)


def test_a_command_for_no_grant_is_refused_by_the_word_that_is_missing(grants: Run, tmp_path: Path) -> None:
    file = tmp_path / "command.yaml"
    for text in ("type: CloseGrant\nbad: 1\n", "type: CloseGrant\nbad: 1\ngrant:\n", '{"type": "CloseGrant", "bad": 1, "grant": null}'):
        file.write_text(text)
        ended, _, err = grants("sign", str(file))
        told = ("grant: field required: the grant that it is for, here or with --grant", "bad: extra inputs are not permitted")
        assert (ended, [each for each in told if each not in err]) == (2, [])
    assert grants("sign", str(file), "--grant", "today")[2].count("grant: field required") == 0


def test_a_misspelt_setting_is_pointed_out_and_a_wrong_one_refused(grants: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTS_HOEM", "x")
    assert "GRANTS_HOEM is set, but nothing reads it" in grants("list")[2]
    monkeypatch.setenv("GRANTS_SMTP_PORT", "many")
    code, _, err = grants("list")
    assert (code, "GRANTS_SMTP_PORT" in err) == (2, True)


def test_help_is_quick_because_it_imports_nothing_heavy() -> None:
    heavy = ("temporalio", "sqlalchemy", "pydantic", "rich.table", "ruamel", "domain", "cryptography")
    script = f"import sys, app.cli.main; print([each for each in {heavy} if each in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_page_about_the_command_line_names_every_command_and_exit_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
    names = [
        *(each.name or (each.callback.__name__ if each.callback else "") for each in app.registered_commands),
        "audit verify",
        "audit replay",
        "ops rebuild",
    ]
    assert [name for name in names if f"`{name}" not in page] == []
    codes = {GrantsError.exit_code, *(error.exit_code for error in GrantsError.__subclasses__())}
    assert [code for code in codes if f"| {code} |" not in page] == []


def test_the_version_is_printed(grants: Run) -> None:
    assert grants("--version")[:2] == (0, "grants 0.1.0\n")


@pytest.mark.parametrize("arguments", [(), ("audit",), ("ops",)])
def test_without_arguments_help_is_shown_with_exit_2(grants: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = grants(*arguments)
    assert (code, "Usage: grants" in out + err) == (2, True)
