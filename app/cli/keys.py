"""Commands for the gateways' keys: which an organisation trusts, and adding, rotating and revoking one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.context import Json, home, wait_for
from app.cli.out import print_json, table, text

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from app.key_acts import Asked

Named = Annotated[str | None, typer.Argument(help="The organisation's id; may be left out where the record has only one.", show_default=False)]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who does it, by an office that has the mandate.", show_default=False)]


def list_keys(organisation: Named = None, *, as_json: Json = False) -> None:
    """Every key that the organisations of the record ever trusted: since when, until when, and whether this installation has it.

    Example: grants keys list ORGANISATION
    """
    from app.cli.tables import when  # noqa: PLC0415
    from app.key_acts import rows  # noqa: PLC0415
    from app.reader import now, reading  # noqa: PLC0415
    from app.signing import KEY_FILE, local_signers  # noqa: PLC0415

    here = home()
    with reading(here) as reader:
        mine = local_signers(here.keys) if (here.keys / KEY_FILE).exists() else ()
        found = rows(reader, organisation, mine, now())
    if as_json:
        print_json(found)
        return
    columns = ["organisation", "key", "holds", "since", "until", "because", "ours"]
    instants = ("first", "revoked")
    fields = ("organisation", "key", "holds", *instants, "because", "ours")
    table("Keys", columns, [[when(each[name]) if name in instants else text(each[name]) for name in fields] for each in found])


def mine(*, as_json: Json = False) -> None:
    """The keys of this installation, the newest first: id and public half, for whoever adds it elsewhere.

    Example: grants keys mine
    """
    from app.signing import local_signers  # noqa: PLC0415

    found = [{"key": each.key, "public": each.public} for each in local_signers(home().keys)]
    print_json(found) if as_json else table("Keys of this installation", ["key", "public half"], [[each["key"], each["public"]] for each in found])


def add(
    organisation: Named = None,
    *,
    public: Annotated[str, typer.Option(help="The public half: `grants keys mine` of the other installation shows it.", show_default=False)],
    person: Person,
    as_json: Json = False,
) -> None:
    """Have the organisation trust the key of another installation, from now on. Exit code 5 if refused.

    Example: grants keys add ORGANISATION --public BASE64 --as PERSON
    """
    from app import key_acts  # noqa: PLC0415

    _answer(organisation, key_acts.add(home(), organisation, public, person), as_json=as_json)


def rotate(
    organisation: Named = None,
    *,
    at: Annotated[str | None, typer.Option(help="When the old key goes out: 2027-01-31T17:00Z, or a day (at its end); else now.", show_default=False)] = None,
    person: Person,
    as_json: Json = False,
) -> None:
    """Make a new key, have the organisation trust it in the place of ours, and sign with it from then on. Exit code 5 if refused.

    Example: grants keys rotate ORGANISATION --as PERSON
    """
    from app import key_acts, showing  # noqa: PLC0415

    _answer(organisation, key_acts.rotate(home(), organisation, showing.instant(at), person), as_json=as_json)


def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, as `grants keys list` shows it.", show_default=False)],
    organisation: Named = None,
    *,
    reason: Annotated[str, typer.Option(help="Why: the record keeps it.", show_default=False)],
    person: Person,
    as_json: Json = False,
) -> None:
    """Have the organisation trust a key no more, in every grant at once and for ever. Exit code 5 if refused.

    Example: grants keys revoke KEY ORGANISATION --reason "laptop lost" --as PERSON
    """
    from app import key_acts  # noqa: PLC0415

    _answer(organisation, key_acts.revoke(home(), organisation, key, reason, person), as_json=as_json)


def _answer(organisation: str | None, asking: Coroutine[Any, Any, Asked], *, as_json: bool) -> None:
    from app.cli import answering  # noqa: PLC0415

    with answering.slowed(f"organisation/{organisation}" if organisation else None, as_json=as_json):
        command, outcome = wait_for(asking)
    answering.answer_sent([answering.Sent(command.id, command.grant, outcome, waited=True)], as_json=as_json)
