"""``grants``: the command line. Commands import what they need only when they run, so that ``--help`` is quick."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from app.cli import (
    acting,
    auditing,
    auditing_money,
    auditing_people,
    auditing_time,
    break_glass,
    keys,
    programmes,
    reading,
    returning,
    routes,
    running,
    scheming,
    steps,
)
from app.cli.out import say
from app.errors import GrantsError
from app.leave import leave
from store.errors import NoRecordError, RecordError

INTERRUPTED = 130
UNAVAILABLE = 69

PAPERS = "Steps of a paper"

EPILOG = """Exit codes: 0 ok, 1 failed, 2 usage, 3 verification failed, 4 not found, 5 refused or put aside, 69 something that we
depend on is unavailable, 75 received but not yet decided, or not sent because its sender has sent too much, 130 interrupted."""

app = typer.Typer(
    help="Grants that an organisation receives, from offer to close.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
audit = typer.Typer(help="Is the record whole, was everything decided as the rules say, and what does an auditor ask first?", no_args_is_help=True)
ops = typer.Typer(help="For operations.", no_args_is_help=True)
signing = typer.Typer(help="The keys of gateways: which an organisation trusts, and adding, rotating and revoking one.", no_args_is_help=True)

app.command()(running.demo)
app.command()(running.up)
app.command()(running.down)
app.command()(acting.play)
app.command()(acting.adopt)
app.command(name="list")(reading.list_grants)
app.command()(reading.show)
app.command()(programmes.programme)
app.command()(reading.decision)
app.command()(routes.route)
app.command()(reading.history)
app.command()(reading.ledger)
app.command()(reading.inbox)
app.command(rich_help_panel=PAPERS)(steps.approve)
app.command(rich_help_panel=PAPERS)(steps.decline)
app.command(rich_help_panel=PAPERS)(steps.defer)
app.command(rich_help_panel=PAPERS)(steps.note)
app.command(rich_help_panel=PAPERS)(steps.advise)
app.command(rich_help_panel=PAPERS)(steps.endorse)
app.command(rich_help_panel=PAPERS)(steps.minute)
app.command(name="send-back", rich_help_panel=PAPERS)(returning.send_back)
app.command(rich_help_panel=PAPERS)(returning.recuse)
app.command(rich_help_panel=PAPERS)(returning.delegate)
app.command(name="withdraw-step", rich_help_panel=PAPERS)(returning.withdraw_step)
app.command(rich_help_panel=PAPERS)(returning.pause)
app.command(rich_help_panel=PAPERS)(returning.resume)
app.command()(acting.do)
app.command()(reading.outcome)
app.command()(reading.messages)
app.command()(acting.release)
app.command()(acting.sign)
app.command()(reading.schema)
app.command()(running.doctor)
audit.command()(auditing.verify)
audit.command()(auditing.replay)
audit.command(name="messages")(auditing.audit_messages)
audit.command()(auditing_money.leads)
audit.command(name="as-of")(auditing_time.as_of)
audit.command()(auditing_time.diff)
audit.command()(auditing_time.changes)
audit.command()(auditing_money.journals)
audit.command()(auditing_money.sample)
audit.command()(auditing_people.people)
audit.command()(auditing_people.exceptions)
audit.command()(auditing_people.identities)
audit.command()(auditing_people.access)
ops.command()(auditing.rebuild)
signing.command(name="list")(keys.list_keys)
signing.command()(keys.mine)
signing.command()(keys.add)
signing.command()(keys.rotate)
signing.command()(keys.revoke)
app.add_typer(break_glass.app, name="break-glass")
app.add_typer(audit, name="audit")
app.add_typer(ops, name="ops")
app.add_typer(scheming.scheme, name="scheme")
app.add_typer(signing, name="keys")


def _print_version(wanted: bool) -> None:  # noqa: FBT001  (typer calls it so)
    if wanted:
        typer.echo(f"grants {version('grants')}")
        raise typer.Exit


@app.callback()
def _grants(_version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")] = False) -> None:  # noqa: FBT002
    """Grants that an organisation receives, from offer to close."""


def main() -> None:
    """Run the command that the user gave, and leave with its exit code."""
    leave(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of one command; what can be foreseen to go wrong is said in one message, without a traceback."""
    try:
        app(arguments, prog_name="grants")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except GrantsError as error:
        say(f"Error: {error}")
        return error.exit_code
    except NoRecordError as error:
        say(f"Error: {error}. GRANTS_HOME names the home; `grants up`, and then `grants adopt ORGANISATION`, begin a record.")
        return UNAVAILABLE
    except RecordError as error:
        say(f"Error: {error}")
        return UNAVAILABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    main()
