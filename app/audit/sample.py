"""A monetary-unit sample of claimed cost: every claimed penny is as likely to be drawn, and the same seed draws the same lines.

The population is every line of every submitted return, ordered by grant, then as the return lists them. With a total of T
pence and a sample of M, the k-th pence drawn is (r + k x T) // M, where r is the SHA-256 of the seed's decimal digits modulo
T: anybody can draw it again by hand. A line of T / M pence or more is always drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.audit.lives import Life, lives
from app.audit.report import Report, Table, View
from app.audit.spans import Year
from app.reader import Reader
from domain import evidence
from domain.expenditure import Cost
from domain.returns import Claimed, Return

PROVES = (
    "The lines were drawn by the seed alone: the same seed and size over the same record give the same sample.",
    "Each line is one that a submitted return claims, with the general ledger's reference, the day incurred, its evidence and where that is kept.",
)
DOES_NOT_PROVE = (
    "That the evidence exists and says so: open it where it is kept.",
    "Anything of cost that no return claims.",
)
ROWS = {
    "grant": "grant",
    "return": "period",
    "cost": "key",
    "incurred": "incurred",
    "category": "category",
    "claimed": "claimed_pence",
    "disallowed": "disallowed_pence",
    "ledger": "ledger_ref",
    "evidence": "evidence",
    "kept": "kept",
    "hits": "hits",
}


@dataclass(frozen=True)
class Claim:
    """One line of one submitted return, with its cost as recorded."""

    life: Life
    found: Return
    row: Claimed
    cost: Cost


def sample(reader: Reader, seed: int, size: int, year: Year | None = None, grant: str | None = None) -> Report:
    """So many pence drawn from the claimed lines of a year (null: of all), of one grant or of all that are not hypothetical.

    Raises:
        NotFoundError: no such grant.

    """
    population: list[Claim] = []
    left_out = 0
    for life in lives(reader, grant):
        if life.invented and not grant:
            left_out += 1
        else:
            population.extend(_claims(life, year))
    rows = [_row(claim, hits) for claim, hits in drawn(population, seed, size)]
    total = sum(each.row.pence for each in population)
    return Report(
        about={
            "year": year.label if year else None,
            "seed": seed,
            "size": size,
            "population_lines": len(population),
            "population_pence": total,
            "interval_pence": -(-total // size),
            "invented_grants_left_out": left_out,
            "drawn_lines": len(rows),
            "drawn_pence": sum(row["claimed_pence"] for row in rows),
        },
        tables=(Table("sample", f"Drawn with seed {seed}", ROWS, rows),),
        proves=PROVES,
        does_not_prove=(*DOES_NOT_PROVE, *([_left_out(left_out)] if left_out else [])),
    )


def _left_out(grants: int) -> str:
    which = "1 grant that says of itself that it is" if grants == 1 else f"{grants} grants that say of themselves that they are"
    return f"Anything of {which} hypothetical, left out here; --grant names one to draw from it."


def drawn(population: Sequence[Claim], seed: int, size: int) -> Iterator[tuple[Claim, int]]:
    """The lines that hold at least one of the pence drawn, in order, and how many of them."""
    pence = units(sum(each.row.pence for each in population), seed, size)
    below = 0
    for claim in population:
        hits = sum(below <= unit < below + claim.row.pence for unit in pence)
        below += claim.row.pence
        if hits:
            yield claim, hits


def units(total: int, seed: int, size: int) -> tuple[int, ...]:
    """The pence drawn of so many, each counted from nought; none of nothing."""
    if not total:
        return ()
    start = int(evidence.digest(str(seed).encode()), 16) % total
    return tuple((start + place * total) // size for place in range(size))


def _claims(life: Life, year: Year | None) -> Iterator[Claim]:
    books = life.grant.recovery
    submitted: Iterable[Return] = (each for each in books.returns.values() if each.submitted)
    for found in submitted:
        for row in found.included if year is None or found.opened.year == year.label else ():
            yield Claim(life, found, row, books.costs[row.key])


def _row(claim: Claim, hits: int) -> View:
    cost, found = claim.cost, claim.found
    disallowed = [each for each in (found.agreed.disallowed if found.agreed else ()) if each.key == cost.key]
    return {
        **claim.life.named(),
        "period": found.opened.period,
        "key": cost.key,
        "line": cost.line,
        "category": cost.category,
        "entity": cost.entity,
        "incurred": str(cost.incurred),
        "basis": cost.basis,
        "claimed_pence": claim.row.pence,
        "cost_pence": cost.pence,
        "net_pence": cost.net_pence,
        "vat_pence": cost.vat_pence,
        "disallowed_pence": sum(each.pence for each in disallowed),
        "ledger_ref": cost.ledger_ref,
        "evidence": cost.evidence,
        "kept": cost.kept,
        "tasking": cost.charge.tasking if cost.charge else None,
        "charged_by": cost.charge.body if cost.charge else None,
        "invoice": cost.charge.invoice if cost.charge else None,
        "hits": hits,
    }
