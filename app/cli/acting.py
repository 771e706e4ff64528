"""Commands that act. Everything that they do goes through Temporal; what came of it is read from the record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli import completing
from app.cli.context import Json, home, wait_for
from app.cli.out import say

Grant = Annotated[str, typer.Argument(help="The grant's id.", show_default=False, autocompletion=completing.grants)]
CommandFile = Annotated[str, typer.Argument(metavar="FILE|-", help="A command as JSON or YAML; - reads it from stdin.", show_default=False)]


def play(files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Case files.", show_default=False)], *, as_json: Json = False) -> None:
    """Play cases side by side, each step through Temporal, and hold every outcome against what the case expects.

    Playing a case again adds nothing. Example: grants play cases/*.yaml
    """
    from app.cli import playing  # noqa: PLC0415

    playing.report(wait_for(playing.play_files(home(), files)), as_json=as_json)


def adopt(
    organisation: Annotated[str, typer.Argument(help="The organisation's id: its folder's name.", show_default=False)],
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who adopts it; needed after the first time.", show_default=False)] = None,
    folder: Annotated[
        Path | None, typer.Option(help="The organisation's own folder, or the one that holds it.", show_default="the ones that come with this program")
    ] = None,
) -> None:
    """Take an organisation's folder into the record: offices, holders, cover, scheme of delegation, working days.

    The first time nobody needs to be named; later the person needs the mandate. Example: grants adopt ORGANISATION
    """
    from app.cli import playing  # noqa: PLC0415

    wait_for(playing.adopt_one(home(), organisation, person, folder))
    say(f"{organisation} is adopted as its folder describes it.")


def do(
    grant: Grant,
    file: CommandFile,
    *,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Send it and do not wait for what comes of it.")] = False,
    as_json: Json = False,
) -> None:
    """Send one command, and say what came of it: accepted, or refused with the rule and who could.

    Exit code 5 if refused or put aside; 75 if it is not decided within ten seconds, or if its sender has sent too much, and
    then it was not sent. Example: grants do today decide.yaml
    """
    from app.cli import answering, doing  # noqa: PLC0415

    with answering.slowed(grant, as_json=as_json):
        sent = wait_for(doing.send(home(), grant, file, wait=not no_wait))
    answering.answer_sent(sent, as_json=as_json)


def release(
    grant: Grant,
    digest: Annotated[str, typer.Argument(help="The digest, or its beginning, as `grants messages` gives it.", show_default=False)],
    *,
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who releases it; not needed to send it again.", show_default=False)] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it needs nobody's attention any more.", show_default=False)] = None,
    repaired: Annotated[
        str | None, typer.Option("--with", metavar="FILE|-", help="Send this repaired command, and release the message for it.", show_default=False)
    ] = None,
    replaced_by: Annotated[
        str | None, typer.Option(metavar="ID", help="Release it because this command, already accepted, stands in its place.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Release a message that was put aside: send its kept bytes again, or say that it needs nobody any more.

    With no option its bytes go again as they were kept, for one that this build or the organisation's keys can read now. With
    --as and --reason it is released: for a repaired command, for one that is accepted already, or because it needs nothing.
    Example: grants release GRANT 3f2a --with repaired.yaml --as PERSON --reason "signed by the gateway now"
    """
    from app.cli import answering, releasing  # noqa: PLC0415

    asked = releasing.Asked(grant, digest, person, reason, repaired, replaced_by)
    with answering.slowed(grant, as_json=as_json):
        sent = wait_for(releasing.release(home(), asked))
    answering.answer_sent(sent, as_json=as_json)


def sign(
    file: CommandFile,
    grant: Annotated[str | None, typer.Option(help="The grant that it is for, where the file does not say.", show_default=False)] = None,
) -> None:
    """Sign a command with this installation's key, for `temporal workflow signal`; the message goes to stdout.

    Example: grants sign decide.yaml --grant today > message.json
    """
    from app.cli import doing  # noqa: PLC0415

    typer.echo(doing.signed(home(), file, grant))
