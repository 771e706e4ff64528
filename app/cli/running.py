"""Commands that run things: the demonstration, server and worker, and a look at whether all is well."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.context import Json, home, settings, wait_for
from app.cli.out import print_json, say


def demo() -> None:
    """Play every case that comes with this program into a fresh home, on a server of its own, and show what came of it.

    The home is GRANTS_HOME, var/demo by default; it is emptied first, and left for you to look at.

    It is not emptied, and nothing is played, where it holds any grant of your own (one that these cases did not open), a file
    that is not ours, or a record that cannot be read.
    """
    from app.cli import demonstration  # noqa: PLC0415

    demonstration.run(settings())


def up(*, detach: Annotated[bool, typer.Option("--detach", help="Leave it running, and end this command once it serves.")] = False) -> None:
    """Run server and worker over this home, in the foreground. TEMPORAL_ADDRESS names a server that runs already."""
    from app import service  # noqa: PLC0415
    from app.cli.places import where  # noqa: PLC0415

    if detach:
        say(where(service.detach(home())))
    else:
        wait_for(service.serve(settings(), lambda running: say(where(running))))


def down() -> None:
    """End what `grants up` runs over this home."""
    from app import service  # noqa: PLC0415

    here = home()
    ended = service.stop(here)
    say(f"Process {ended.pid} has ended." if ended else f"Nothing runs over {here.path}.")


def doctor(*, as_json: Json = False) -> None:
    """Look at whether everything that is needed is there and well; exit code 69 if something is not."""
    from app import checkup  # noqa: PLC0415
    from app.cli import verdicts  # noqa: PLC0415

    found = wait_for(checkup.checkup(settings()))
    print_json({"ok": checkup.well(found), "checks": [each.as_json() for each in found]}) if as_json else verdicts.checks(found)
    if not checkup.well(found):
        raise typer.Exit(69)
