"""The grant sub-ledger as one hledger journal, for an accountant's own tools.

Accounts stand as ``grants ledger --balances`` names them; grant, event and entity are tags of each transaction
(``hledger balance tag:entity=...``, ``--pivot grant``). Every account and the currency are declared, transactions are in
order of their dates, and each account's last posting asserts its balance, so ``hledger check --strict`` proves the sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.money import CURRENCY

Row = Mapping[str, Any]


def journal(rows: Iterable[Row]) -> str:
    """The postings as ``app.views.ledger`` gives them, each a transaction; the same postings give the same bytes."""
    ordered = sorted(rows, key=lambda row: (row["booked"], row["grant"], row["version"], row["line"]))
    accounts = sorted({_plain(row[side]) for row in ordered for side in ("debit", "credit")})
    last = {_plain(row[side]): place for place, row in enumerate(ordered) for side in ("debit", "credit")}
    sums = dict.fromkeys(accounts, 0)
    lines = [f"commodity 1000.00 {CURRENCY}", *(f"account {each}" for each in accounts)]
    for place, row in enumerate(ordered):
        lines += ["", f"{row['booked']} * ({row['grant']}@{row['version']}.{row['line']})  ; grant: {_tag(row['grant'])}, entity: {_tag(row['entity'])}"]
        for account, pence in ((_plain(row["debit"]), row["amount_pence"]), (_plain(row["credit"]), -row["amount_pence"])):
            sums[account] += pence
            asserted = f" = {_amount(sums[account])}" if last[account] == place else ""
            lines.append(f"    {account}  {_amount(pence)}{asserted}")
    return "\n".join([*lines, ""])


def _amount(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02} {CURRENCY}"


def _plain(words: str) -> str:
    """One line with single spaces and no semicolon: two spaces end an account's name, a semicolon begins a comment."""
    return " ".join(words.replace(";", ",").split())


def _tag(words: str) -> str:
    """The same, and no comma or colon: the one ends a tag's value, the other begins another tag."""
    return _plain(words.replace(";", " ").replace(",", " ").replace(":", " "))
