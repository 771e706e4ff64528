"""Commands for the auditor and for operations."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.context import Json, home, wait_for
from app.cli.out import print_json

NOT_VERIFIED = 3


def verify(*, as_json: Json = False) -> None:
    """Check every stored byte, and every row against the events; name each that was altered. Exit code 3 if any was.

    Example: grants audit verify --json
    """
    from app.audit.whole import check_home  # noqa: PLC0415
    from app.cli import verdicts  # noqa: PLC0415

    report = check_home(home())
    print_json(report.model_dump(mode="json")) if as_json else verdicts.report(report)
    if not report.ok:
        raise typer.Exit(NOT_VERIFIED)


def replay(
    grant: Annotated[str | None, typer.Argument(help="One grant; without it, all of them.", show_default=False)] = None,
    *,
    as_json: Json = False,
) -> None:
    """Decide every command again from the log, and replay the Temporal histories that are still there. Exit code 3 if they differ.

    Example: grants audit replay GRANT
    """
    from app.audit.replay import replay_home  # noqa: PLC0415
    from app.cli import verdicts  # noqa: PLC0415

    report = wait_for(replay_home(home(), grant))
    print_json(report.model_dump(mode="json")) if as_json else verdicts.replayed(report)
    if not report.ok:
        raise typer.Exit(NOT_VERIFIED)


def audit_messages(
    grant: Annotated[str | None, typer.Argument(help="One grant; without it, all of them.", show_default=False)] = None,
    *,
    as_json: Json = False,
) -> None:
    """Hold every signal in Temporal's histories against the one outcome that the record has of it. Exit code 3 if one has none, or two.

    Also counts failed workflows and workflow tasks, and names the runs whose histories have expired. Example: grants audit messages
    """
    from app.audit.messages import audit_home  # noqa: PLC0415
    from app.cli import verdicts  # noqa: PLC0415

    report = wait_for(audit_home(home(), grant))
    print_json(report.model_dump(mode="json")) if as_json else verdicts.accounted(report)
    if not report.ok:
        raise typer.Exit(NOT_VERIFIED)


def rebuild(
    grant: Annotated[str | None, typer.Argument(help="The grant's id.", show_default=False)] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every grant that is not closed.")] = False,
    as_json: Json = False,
) -> None:
    """Start a grant's workflow again from the record, after it was terminated or Temporal's database was lost.

    Example: grants ops rebuild --all
    """
    from app.cli import verdicts  # noqa: PLC0415
    from app.rebuilding import rebuild_home  # noqa: PLC0415

    if (grant is None) == (not every):
        message = "Name one grant, or say --all."
        raise typer.BadParameter(message)
    found = wait_for(rebuild_home(home(), grant))
    print_json(found) if as_json else verdicts.rebuilt(found)
